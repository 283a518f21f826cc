// SPDX-License-Identifier: Apache-2.0

import {
  boolean,
  constant,
  type DocumentInput,
  emptyObject,
  integer,
  list,
  map,
  object,
  type ParseOptions,
  parseDocument,
  type Rule,
  string,
} from '@lading/document';
import { type Digest, digest } from './digest.ts';

/** How Docker and Podman check that a container is well. Durations in nanoseconds. */
export interface HealthCheck {
  /** `['NONE']`, `['CMD', …args]` or `['CMD-SHELL', command]`; empty inherits. */
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  /** Failures in a row that make the container unhealthy. */
  readonly Retries?: number;
}

/** What a container made from the image runs with unless its creator says otherwise. */
export interface ContainerConfig {
  /** `user[:group]`, each a name or a number. */
  readonly User?: string;
  /** Keys `port/tcp` or `port/udp`, or a bare port. */
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  /** `NAME=value`. */
  readonly Env?: readonly string[];
  /** Stands before the arguments. */
  readonly Entrypoint?: readonly string[];
  /** Default arguments of the entrypoint; the command itself where there is no entrypoint. */
  readonly Cmd?: readonly string[];
  /** Keys are the paths of directories that get a volume. */
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  /** `SIGTERM` or `SIGRTMIN+3`; the signal that ends the container. */
  readonly StopSignal?: string;
  /** Deprecated, Windows: Cmd is one string, already escaped. */
  readonly ArgsEscaped?: boolean;
  /** Docker's extension. */
  readonly Healthcheck?: HealthCheck;
  /** Docker's extension: instructions that a build from this image runs first. */
  readonly OnBuild?: readonly string[];
  /** Docker's extension: the shell of commands in shell form. */
  readonly Shell?: readonly string[];
  /** Docker's extension: seconds from the stop signal to the kill. */
  readonly StopTimeout?: number;
}

/** The layers of the image, lowest first, by the digests of their uncompressed tars. */
export interface RootFs {
  readonly type: 'layers';
  readonly diff_ids: readonly Digest[];
}

/** How one layer came to be. */
export interface History {
  /** RFC 3339. */
  readonly created?: string;
  readonly author?: string;
  readonly created_by?: string;
  readonly comment?: string;
  /** True where the step made no layer. */
  readonly empty_layer?: boolean;
}

/**
 * The config document of an image; its digest is the image's ID.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md
 */
export interface ImageConfig {
  /** RFC 3339, kept as text: Go writes nanoseconds, which a Date would lose. */
  readonly created?: string;
  readonly author?: string;
  /** REQUIRED. */
  readonly architecture: string;
  /** REQUIRED. */
  readonly os: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  readonly variant?: string;
  readonly config?: ContainerConfig;
  /** REQUIRED. */
  readonly rootfs: RootFs;
  /** Lowest layer first. */
  readonly history?: readonly History[];
}

const strings = list(string);
const count = integer(0);

const healthCheck = object<HealthCheck>(
  {
    Test: strings,
    Interval: count,
    Timeout: count,
    StartPeriod: count,
    StartInterval: count,
    Retries: count,
  },
  [],
);

const containerConfig = object<ContainerConfig>(
  {
    User: string,
    ExposedPorts: map(emptyObject),
    Env: strings,
    Entrypoint: strings,
    Cmd: strings,
    Volumes: map(emptyObject),
    WorkingDir: string,
    Labels: map(string),
    StopSignal: string,
    ArgsEscaped: boolean,
    Healthcheck: healthCheck,
    OnBuild: strings,
    Shell: strings,
    StopTimeout: integer(Number.MIN_SAFE_INTEGER),
  },
  [],
);

/** An image without layers has no list or null, as Docker's `FROM scratch`. */
const diffIds: Rule<readonly Digest[]> = (value, at) => (value == null ? [] : list(digest)(value, at));

const history = object<History>(
  { created: string, author: string, created_by: string, comment: string, empty_layer: boolean },
  [],
);

const imageConfig = object<ImageConfig>(
  {
    created: string,
    author: string,
    architecture: string,
    os: string,
    'os.version': string,
    'os.features': strings,
    variant: string,
    config: containerConfig,
    rootfs: object<RootFs>({ type: constant('layers'), diff_ids: diffIds }, ['type', 'diff_ids']),
    history: list(history),
  },
  ['architecture', 'os', 'rootfs'],
);

/** @throws LadingError `invalid_argument` naming the path of the fault, as in `config.rootfs.diff_ids[2]` */
export function parseImageConfig(input: DocumentInput, options?: ParseOptions): ImageConfig {
  return parseDocument('config', imageConfig, input, options);
}

// SPDX-License-Identifier: Apache-2.0

import {
  boolean,
  constant,
  type DocumentInput,
  emptyObject,
  int53,
  list,
  map,
  object,
  type ParseOptions,
  parseDocument,
  type Rule,
  satisfies,
  string,
  strings,
  uint53,
} from '@lading/document';
import { type Digest, digest } from './digest.ts';
import { dateTime } from './format.ts';

/** How Docker and Podman check that a container is well. Durations in nanoseconds. All is OPTIONAL. */
export interface HealthCheck {
  /** `['NONE']`, `['CMD', …args]` or `['CMD-SHELL', command]`; empty inherits. */
  readonly Test?: readonly string[];
  /** Between two checks. */
  readonly Interval?: number;
  /** A check that takes longer has failed. */
  readonly Timeout?: number;
  /** Failures in this time after the start do not count. */
  readonly StartPeriod?: number;
  /** Between two checks in the start period. */
  readonly StartInterval?: number;
  /** Failures in a row that make the container unhealthy. */
  readonly Retries?: number;
}

/** What a container made from the image runs with unless its creator says otherwise. All is OPTIONAL. */
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
  /** The directory that the command starts in. */
  readonly WorkingDir?: string;
  /** Facts about the container; keys as those of annotations. */
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

/** The layers of the image by the digests of their uncompressed tars. */
export interface RootFs {
  /** REQUIRED. */
  readonly type: 'layers';
  /** REQUIRED. Lowest layer first. */
  readonly diff_ids: readonly Digest[];
}

/** How one layer came to be. All is OPTIONAL. */
export interface History {
  /** RFC 3339. */
  readonly created?: string;
  /** Who made the layer. */
  readonly author?: string;
  /** The command that made the layer. */
  readonly created_by?: string;
  /** A message, as of a commit. */
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
  /** OPTIONAL. RFC 3339, kept as text: Go writes nanoseconds, which a Date would lose. */
  readonly created?: string;
  /** OPTIONAL. Who made the image, and how to reach them. */
  readonly author?: string;
  /** REQUIRED. Of the binaries in the image, as in Go's `GOARCH`. */
  readonly architecture: string;
  /** REQUIRED. That the image runs on, as in Go's `GOOS`. */
  readonly os: string;
  /** OPTIONAL. */
  readonly 'os.version'?: string;
  /** OPTIONAL. */
  readonly 'os.features'?: readonly string[];
  /** OPTIONAL. Of the CPU. */
  readonly variant?: string;
  /** OPTIONAL. */
  readonly config?: ContainerConfig;
  /** REQUIRED. */
  readonly rootfs: RootFs;
  /** OPTIONAL. Lowest layer first, with the steps that made none in between. */
  readonly history?: readonly History[];
}

const healthCheck = object<HealthCheck>({
  Test: strings,
  Interval: uint53,
  Timeout: uint53,
  StartPeriod: uint53,
  StartInterval: uint53,
  Retries: uint53,
});

const containerConfig = object<ContainerConfig>({
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
  StopTimeout: int53,
});

/** Docker leaves the list of an image without layers out, and Go writes a nil slice as null. */
const diffIds: Rule<readonly Digest[]> = (value, at) => (value == null ? [] : list(digest)(value, at));

const history = object<History>({
  created: dateTime,
  author: string,
  created_by: string,
  comment: string,
  empty_layer: boolean,
});

const imageConfig = object<ImageConfig>(
  {
    created: dateTime,
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

/** True for what {@link parseImageConfig} returns as it is. */
export function isImageConfig(value: unknown): value is ImageConfig {
  return satisfies(imageConfig, value);
}

/** @throws LadingError `invalid_argument` naming the path of the fault, as in `config.rootfs.diff_ids[2]` */
export function parseImageConfig(input: DocumentInput, options?: ParseOptions): ImageConfig {
  return parseDocument('config', imageConfig, input, options);
}

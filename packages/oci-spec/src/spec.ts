// SPDX-License-Identifier: Apache-2.0

import {
  boolean,
  type DocumentInput,
  list,
  map,
  object,
  type ParseOptions,
  parseDocument,
  pattern,
  type Rule,
  satisfies,
  string,
} from '@lading/document';
import { type FreeBsd, freebsd } from './freebsd.ts';
import { type Hooks, hooks } from './hooks.ts';
import { type Linux, linux } from './linux.ts';
import { type Mount, mount } from './mount.ts';
import { type Process, process } from './process.ts';
import { type Solaris, solaris } from './solaris.ts';
import { type Vm, vm } from './vm.ts';
import { type Windows, windows } from './windows.ts';
import { type Zos, zos } from './zos.ts';

/** The root file system. */
export interface Root {
  /** REQUIRED: absolute, or relative to the bundle. */
  readonly path: string;
  /** OPTIONAL. Default false. */
  readonly readonly?: boolean;
}

/**
 * The `config.json` of a bundle.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config.md
 */
export interface Spec {
  /** REQUIRED: version of the specification, SemVer. */
  readonly ociVersion: string;
  /** REQUIRED to start the container. */
  readonly process?: Process;
  /** REQUIRED except for Hyper-V containers. */
  readonly root?: Root;
  /** OPTIONAL. Needs a UTS namespace on Linux. */
  readonly hostname?: string;
  /** OPTIONAL. Needs a UTS namespace on Linux. */
  readonly domainname?: string;
  /** OPTIONAL. File systems, mounted in this order on top of the root. */
  readonly mounts?: readonly Mount[];
  /** OPTIONAL. Programs that run at points of the life cycle; POSIX platforms. */
  readonly hooks?: Hooks;
  /** OPTIONAL. Free data of the caller; keys are reverse domain names. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** OPTIONAL. For containers of Linux. */
  readonly linux?: Linux;
  /** OPTIONAL. For containers of Solaris. */
  readonly solaris?: Solaris;
  /** REQUIRED for containers of Windows. */
  readonly windows?: Windows;
  /** OPTIONAL. For runtimes that start a virtual machine. */
  readonly vm?: Vm;
  /** OPTIONAL. For containers of z/OS. */
  readonly zos?: Zos;
  /** OPTIONAL. For containers of FreeBSD. */
  readonly freebsd?: FreeBsd;
}

/** A version as SemVer 2.0.0 has it. */
export const ociVersion: Rule<string> = pattern(
  'a version (1.2.0)',
  /^(?:(?:0|[1-9]\d*)\.){2}(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
);

const spec = object<Spec>(
  {
    ociVersion,
    process,
    root: object<Root>({ path: string, readonly: boolean }, ['path']),
    hostname: string,
    domainname: string,
    mounts: list(mount),
    hooks,
    annotations: map(string),
    linux,
    solaris,
    windows,
    vm,
    zos,
    freebsd,
  },
  ['ociVersion'],
);

/** True for a spec that satisfies the specification as it stands; with an optional `null` it does not. */
export function isSpec(value: unknown): value is Spec {
  return satisfies(spec, value);
}

/**
 * Reads a `config.json`. Checks types, ranges and closed sets of words, not whether the parts fit together;
 * members it does not know are kept.
 *
 * @throws LadingError `invalid_argument` naming the path of the fault, as in `spec.mounts[2].destination`;
 * `resource_exhausted` beyond `maxBytes`
 */
export function parseSpec(input: DocumentInput, options?: ParseOptions): Spec {
  return parseDocument('spec', spec, input, options);
}

// SPDX-License-Identifier: Apache-2.0
import {
  type DocumentInput,
  map,
  object,
  type ParseOptions,
  parseDocument,
  string,
  strings,
  uint53,
} from '@lading/document';
import { ociVersion } from './spec.ts';

/**
 * What a runtime says of a container, and what hooks read from stdin.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/runtime.md#state
 */
export interface State {
  /** REQUIRED. */
  readonly ociVersion: string;
  /** REQUIRED. */
  readonly id: string;
  /** REQUIRED. Runtimes have more: runc says `paused`. */
  readonly status: 'creating' | 'created' | 'running' | 'stopped' | (string & {});
  /** REQUIRED while created or running, on Linux. As seen by the runtime; 0 once stopped. */
  readonly pid?: number;
  /** REQUIRED: absolute path. */
  readonly bundle: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a seccomp listener receives with its file descriptors. */
export interface ContainerProcessState {
  readonly ociVersion: string;
  /** Names of the file descriptors, in order: `seccompFd`. */
  readonly fds: readonly string[];
  readonly pid: number;
  readonly metadata?: string;
  readonly state: State;
}

const state = object<State>(
  { ociVersion, id: string, status: string, pid: uint53, bundle: string, annotations: map(string) },
  ['ociVersion', 'id', 'status', 'bundle'],
);

const containerProcessState = object<ContainerProcessState>(
  { ociVersion, fds: strings, pid: uint53, metadata: string, state },
  ['ociVersion', 'fds', 'pid', 'state'],
);

/** @throws LadingError `invalid_argument` naming the path of the fault, as in `state.pid` */
export function parseState(input: DocumentInput, options?: ParseOptions): State {
  return parseDocument('state', state, input, options);
}

/** @throws LadingError `invalid_argument` naming the path of the fault */
export function parseContainerProcessState(
  input: DocumentInput,
  options?: ParseOptions,
): ContainerProcessState {
  return parseDocument('containerProcessState', containerProcessState, input, options);
}

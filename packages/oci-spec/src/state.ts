// SPDX-License-Identifier: Apache-2.0
import {
  type DocumentInput,
  map,
  object,
  type ParseOptions,
  parseDocument,
  satisfies,
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
  /** OPTIONAL. Those of the configuration. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a seccomp listener receives with its file descriptors. */
export interface ContainerProcessState {
  /** REQUIRED. */
  readonly ociVersion: string;
  /** OPTIONAL. Names of the file descriptors, in order: `seccompFd`. */
  readonly fds?: readonly string[];
  /** REQUIRED: of the process, as the runtime sees it. */
  readonly pid: number;
  /** OPTIONAL. The `listenerMetadata` of the filter. */
  readonly metadata?: string;
  /** REQUIRED: of the container. */
  readonly state: State;
}

const state = object<State>(
  { ociVersion, id: string, status: string, pid: uint53, bundle: string, annotations: map(string) },
  ['ociVersion', 'id', 'status', 'bundle'],
);

const containerProcessState = object<ContainerProcessState>(
  { ociVersion, fds: strings, pid: uint53, metadata: string, state },
  ['ociVersion', 'pid', 'state'],
);

/** True for a state that satisfies the specification as it stands. */
export function isState(value: unknown): value is State {
  return satisfies(state, value);
}

/**
 * Reads what `runc state` prints and hooks get on stdin.
 *
 * @throws LadingError `invalid_argument` naming the path of the fault, as in `state.pid`; `resource_exhausted`
 * beyond `maxBytes`
 */
export function parseState(input: DocumentInput, options?: ParseOptions): State {
  return parseDocument('state', state, input, options);
}

/** True for a container process state that satisfies the specification as it stands. */
export function isContainerProcessState(value: unknown): value is ContainerProcessState {
  return satisfies(containerProcessState, value);
}

/**
 * Reads what a runtime sends to the socket of a seccomp listener.
 *
 * @throws LadingError `invalid_argument` naming the path of the fault, as in `containerProcessState.state.id`;
 * `resource_exhausted` beyond `maxBytes`
 */
export function parseContainerProcessState(
  input: DocumentInput,
  options?: ParseOptions,
): ContainerProcessState {
  return parseDocument('containerProcessState', containerProcessState, input, options);
}

// SPDX-License-Identifier: Apache-2.0
import { integer, list, object, type Rule, string, strings } from '@lading/document';

/** A program that is run at a point of the container's life; it reads the state as JSON from stdin. */
export interface Hook {
  /** REQUIRED: absolute path. */
  readonly path: string;
  /** OPTIONAL. With the program's name as the first. */
  readonly args?: readonly string[];
  /** OPTIONAL. `NAME=value`; the whole environment of the hook. */
  readonly env?: readonly string[];
  /** OPTIONAL. Seconds, more than 0, until the hook is ended. */
  readonly timeout?: number;
}

/**
 * The hooks of a container; each list is run in order.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config.md#posix-platform-hooks
 */
export interface Hooks {
  /** OPTIONAL. Deprecated: runs when createRuntime does, before it. */
  readonly prestart?: readonly Hook[];
  /** OPTIONAL. In the runtime's namespaces, before pivot_root. */
  readonly createRuntime?: readonly Hook[];
  /** OPTIONAL. In the container's namespaces, before pivot_root. */
  readonly createContainer?: readonly Hook[];
  /** OPTIONAL. In the container, before the process is started. */
  readonly startContainer?: readonly Hook[];
  /** OPTIONAL. In the runtime's namespaces, after the process was started. */
  readonly poststart?: readonly Hook[];
  /** OPTIONAL. In the runtime's namespaces, after the container was deleted. */
  readonly poststop?: readonly Hook[];
}

/**
 * The points of a container's life at which hooks run, in their order.
 *
 * @example
 * ```ts
 * import { hookPoints } from '@lading/oci-spec';
 *
 * console.log(hookPoints.at(-1)); // → poststop
 * ```
 */
export const hookPoints: readonly (keyof Hooks)[] = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
];

const hook = list(
  object<Hook>({ path: string, args: strings, env: strings, timeout: integer(1, Number.MAX_SAFE_INTEGER) }, [
    'path',
  ]),
);

export const hooks: Rule<Hooks> = object<Hooks>({
  prestart: hook,
  createRuntime: hook,
  createContainer: hook,
  startContainer: hook,
  poststart: hook,
  poststop: hook,
});

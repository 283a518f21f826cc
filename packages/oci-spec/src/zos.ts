// SPDX-License-Identifier: Apache-2.0
import { list, object, oneOf, type Rule, string } from '@lading/document';

/** Kinds of namespaces on z/OS. */
export type ZosNamespaceType = 'pid' | 'mount' | 'ipc' | 'uts';

const namespaceType: Rule<ZosNamespaceType> = oneOf('pid', 'mount', 'ipc', 'uts');

export interface ZosNamespace {
  /** REQUIRED. Each type at most once. */
  readonly type: ZosNamespaceType;
  /** OPTIONAL. Of the namespace to join. */
  readonly path?: string;
}

/**
 * The section of z/OS.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-zos.md
 */
export interface Zos {
  /** OPTIONAL. A type that is absent is shared with the runtime. */
  readonly namespaces?: readonly ZosNamespace[];
}

export const zos: Rule<Zos> = object<Zos>({
  namespaces: list(object<ZosNamespace>({ type: namespaceType, path: string }, ['type'])),
});

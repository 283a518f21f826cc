// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';

type Metadata = NonNullable<ContainerOptions['metadata']>;

/** What is kept of a container or a pod for `inspect`: by which words it was made. */
export function withCreateCommand({ words }: CommandCall): { readonly metadata: Metadata } {
  return { metadata: { createCommand: words } };
}

/** Empty for what another program has made. */
export function createCommandOf({ createCommand }: Metadata = {}): readonly string[] {
  const isText = (word: unknown): word is string => typeof word === 'string';
  return Array.isArray(createCommand) && createCommand.every(isText) ? createCommand : [];
}

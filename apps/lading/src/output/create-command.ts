// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';

type Metadata = NonNullable<ContainerOptions['metadata']>;

/** What is kept of a container or a pod for `inspect`: by which words it was made. */
export function withCreateCommand({ words }: CommandCall): { readonly metadata: Metadata } {
  const createCommand = words.map((word, index) =>
    words[index - 1] === '--creds' ? hidden : word.replace(/^--creds=.*/s, `--creds=${hidden}`),
  );
  return { metadata: { createCommand } };
}

/** In place of a password, which is not for a file nor for everyone who may look at a container. */
const hidden = '***';

/** Empty for what another program has made. */
export function createCommandOf({ createCommand }: Metadata = {}): readonly string[] {
  const isText = (word: unknown): word is string => typeof word === 'string';
  return Array.isArray(createCommand) && createCommand.every(isText) ? createCommand : [];
}

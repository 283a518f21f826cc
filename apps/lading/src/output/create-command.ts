// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';

type Metadata = NonNullable<ContainerOptions['metadata']>;

/** What is kept of a container or a pod for `inspect`: by which words it was made, and what else it is to show. */
export function withCreateCommand(
  { words }: CommandCall,
  shown: Metadata = {},
): { readonly metadata: Metadata } {
  const createCommand = words.map((word, index) =>
    words[index - 1] === '--creds' ? hidden : word.replace(/^--creds=.*/s, `--creds=${hidden}`),
  );
  return { metadata: { ...shown, createCommand } };
}

/** In place of a password, which is not for a file nor for everyone who may look at a container. */
const hidden = '***';

/** Empty for what another program has made. */
export function createCommandOf(metadata: Metadata | undefined): readonly string[] {
  return textsOf(metadata, 'createCommand');
}

export function textsOf(metadata: Metadata | undefined, name: string): readonly string[] {
  const value = metadata?.[name];
  const isText = (word: unknown): word is string => typeof word === 'string';
  return Array.isArray(value) && value.every(isText) ? value : [];
}

export function textOf(metadata: Metadata | undefined, name: string): string {
  const value = metadata?.[name];
  return typeof value === 'string' ? value : '';
}

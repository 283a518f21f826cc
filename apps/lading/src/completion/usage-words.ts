// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';

/** The kinds of things that usage lines name. */
const kinds = ['CONTAINER', 'IMAGE', 'POD', 'VOLUME', 'NETWORK', 'SECRET', 'LIST', 'MANIFEST'] as const;
const files: readonly string[] = ['FILE', 'PATH', 'SOURCE', 'SRC_PATH', 'DEST_PATH'];

export type Kind = (typeof kinds)[number];

/** What a word of a command line names, by its usage line. */
export interface WordMeaning {
  readonly kinds: readonly Kind[];
  readonly isFile: boolean;
  /** `[CONTAINER:]PATH`: the name is followed by a path. */
  readonly isPlace: boolean;
}

/** Meaning of the word at `index` among those after the flags. */
export function meaningOf(command: CommandSpec, index: number): WordMeaning {
  const words = command.usage.split(' ').slice(1);
  const wanted = words.filter((word) => word !== '[options]');
  const last = wanted.at(-1) ?? '';
  const text = wanted[index] ?? (last.includes('...') ? last : '');
  const isPlace = text.startsWith('[CONTAINER:]');
  // What follows the command of a container is the container's own affair.
  const parts = text.split(/[[\]{}|:.]+/);
  return {
    kinds: kinds.filter((kind) => parts.includes(kind)),
    isFile: files.some((file) => parts.includes(file)),
    isPlace,
  };
}

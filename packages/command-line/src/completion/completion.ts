// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '../spec.ts';

/** What a word of a command line may go on as. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** No space after a candidate: more follows. Default: false. */
  readonly goesOn?: boolean | undefined;
  /** What the shell offers where there is no candidate. Default: nothing. */
  readonly otherwise?: 'file' | 'folder' | undefined;
}

/** A whole word, and what it means. */
export interface Candidate {
  readonly value: string;
  readonly help?: string | undefined;
}

/**
 * Completes a word that a command takes after its flags. `call` has the words and flags before it.
 *
 * @param word what is typed of it; candidates begin with it
 */
export type CompleteArgument = (call: CommandCall, word: string) => Promise<Completion>;

/** No idea. */
export const nothing: Completion = { candidates: [] };

// The bits that cobra's scripts know, so that those work too.
const noSpace = 2;
const noFiles = 4;
const foldersOnly = 16;

/** What `__complete` prints: a candidate a line with its help after a tab, then `:` and cobra's bits. */
export function formatCompletion({ candidates, goesOn, otherwise }: Completion): string {
  const lines = candidates.map(({ value, help }) => {
    const [first = ''] = (help ?? '').split('\n');
    return first === '' ? value : `${value}\t${first}`;
  });
  const files = otherwise === undefined ? noFiles : otherwise === 'folder' ? foldersOnly : 0;
  const bits = (goesOn === true ? noSpace : 0) | files;
  return [...lines, `:${bits}`].map((line) => `${line}\n`).join('');
}

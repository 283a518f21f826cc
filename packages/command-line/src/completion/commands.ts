// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '../environment.ts';
import type { ProgramSpec } from '../spec.ts';
import { usageError } from '../usage-error.ts';
import { completeWords } from './complete-words.ts';
import { formatCompletion } from './completion.ts';
import { completionScript, shells } from './scripts.ts';

/** `PROGRAM __complete WORD...`, which the scripts of the shells call. */
export async function runComplete(
  program: ProgramSpec,
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  await environment.stdout(formatCompletion(await completeWords(program, words, environment)));
  return 0;
}

/** `PROGRAM completion SHELL`: the script of a shell. */
export async function runCompletion(
  program: ProgramSpec,
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  const [word] = words.filter((one) => !one.startsWith('-'));
  const shell = shells.find((known) => known === word);
  if (shell === undefined || words.length !== 1) {
    throw usageError(`name a shell: ${program.name} completion ${shells.join('|')}`);
  }
  await environment.stdout(completionScript(program.name, shell));
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
import { type Environment, runProgram, withJsonLog } from '@lading/command-line';
import { flagIn } from './early-flags.ts';
import { program } from './program.ts';

/** Runs `lading-copy` on the words after its name. Resolves to the exit code; never rejects. */
export function runLadingCopy(argv: readonly string[], environment: Environment): Promise<number> {
  // Errors in the command line are to have the format too, so it is known before.
  const isJson = flagIn(argv, 'log-format') === 'json';
  return runProgram(program(argv.includes('--debug')), argv, isJson ? withJsonLog(environment) : environment);
}

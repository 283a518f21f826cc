// SPDX-License-Identifier: Apache-2.0
import { type Environment, runProgram } from '@lading/command-line';
import { program } from './program.ts';

/** Runs `lading-copy` on the words after its name. Resolves to the exit code; never rejects. */
export function runLadingCopy(argv: readonly string[], environment: Environment): Promise<number> {
  return runProgram(program(), argv, environment);
}

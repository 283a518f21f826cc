// SPDX-License-Identifier: Apache-2.0
import { type Environment, runProgram, withJsonLog } from '@lading/command-line';
import { flagIn } from './early-flags.ts';
import { program } from './program.ts';

/** Runs `lading-copy` on the words after its name. Resolves to the exit code; never rejects. */
export async function runLadingCopy(argv: readonly string[], environment: Environment): Promise<number> {
  // Errors in the command line are to have the format too, so it is known before.
  const format = flagIn(argv, 'log-format') ?? 'text';
  const isJson = format === 'json';
  const isCompletion = argv[0] === '__complete';
  if (!isJson && format !== 'text' && !isCompletion) {
    const shown = JSON.stringify(format.slice(0, 40));
    await environment.stderr(`Error: unknown log format ${shown}: choose one of text, json\n`);
    return 1;
  }
  return runProgram(program(argv.includes('--debug')), argv, isJson ? withJsonLog(environment) : environment);
}

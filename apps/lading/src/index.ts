// SPDX-License-Identifier: Apache-2.0
import { type Environment, runProgram } from '@lading/command-line';
import { createProgram } from './program.ts';

// For everyone.

/**
 * Runs one command line of `lading`, the words after its name, and resolves to the exit code:
 * 125 for an error of its own, 126 and 127 when a container's command cannot be run or found, else the
 * command's. Never rejects.
 */
export async function runLading(argv: readonly string[], environment: Environment): Promise<number> {
  const program = createProgram(environment.env);
  if (argv[0] !== '__complete') return runProgram(program, argv, environment);
  const { withCompletion } = await import('./completion/with-completion.ts');
  return runProgram(withCompletion(program), argv, environment);
}

// For authors of completion and manuals.
export { createProgram } from './program.ts';

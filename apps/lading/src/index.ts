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
  return runProgram(createProgram(environment.env), argv, environment);
}

// For authors of completion and manuals.
export { createProgram } from './program.ts';

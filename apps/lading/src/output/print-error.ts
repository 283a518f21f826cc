// SPDX-License-Identifier: Apache-2.0
import { type Environment, singleLine } from '@lading/command-line';
import { LadingError } from '@lading/errors';

/** One line on stderr for a failure that does not end the command. */
export async function printError(environment: Environment, reason: unknown): Promise<void> {
  await environment.stderr(`Error: ${singleLine(LadingError.from(reason).message)}\n`);
}

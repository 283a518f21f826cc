// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { errorMessage } from './error-message.ts';

/** One line on stderr for a failure that does not end the command. */
export async function printError(environment: Environment, reason: unknown): Promise<void> {
  await environment.stderr(`Error: ${errorMessage(LadingError.from(reason))}\n`);
}

// SPDX-License-Identifier: Apache-2.0
import { createPrompter, type Environment, usageError } from '@lading/command-line';

import { readNamedFile } from './read-file.ts';

/** The first line of a file, as gpg reads it. */
export async function readPassphraseFile(environment: Environment, path: string): Promise<string> {
  const text = Buffer.from(await readNamedFile(environment, path, 'the passphrase file')).toString();
  return text.split('\n', 1)[0] ?? '';
}

/**
 * Asks at the terminal, where what is typed is not shown.
 *
 * @throws a usage error without a terminal
 */
export async function promptForPassphrase(environment: Environment, keyFile: string): Promise<string> {
  if (!environment.stdinIsTerminal) {
    throw usageError(
      `cannot ask for the passphrase of ${keyFile}: stdin is no terminal; give a passphrase file`,
    );
  }
  return createPrompter(environment).hidden(`Passphrase for key ${keyFile}: `, 'the passphrase');
}

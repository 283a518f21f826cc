// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '@lading/command-line';
import { readNamedFile } from './read-file.ts';

/** The first line of a file, as gpg reads it. */
export async function readPassphraseFile(environment: Environment, path: string): Promise<string> {
  const text = Buffer.from(await readNamedFile(environment, path, 'the passphrase file')).toString();
  return text.split('\n', 1)[0] ?? '';
}

// SPDX-License-Identifier: Apache-2.0
import { type Environment, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
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
  const { terminal, stdin, stdinIsTerminal, stdout } = environment;
  if (!stdinIsTerminal || terminal === undefined) {
    throw usageError(
      `cannot ask for the passphrase of ${keyFile}: stdin is no terminal; give a passphrase file`,
    );
  }
  await stdout(`Passphrase for key ${keyFile}: `);
  terminal.setRawMode(true);
  try {
    return await readLine(stdin);
  } finally {
    terminal.setRawMode(false);
    await stdout('\n');
  }
}

async function readLine(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let typed: string[] = [];
  for await (const chunk of stdin) {
    for (const char of decoder.decode(chunk, { stream: true })) {
      if (char === '\r' || char === '\n' || char === '\x04') return typed.join('');
      if (char === '\x03') throw new LadingError(Code.Canceled, 'interrupted while asking for a passphrase');
      if (char === '\x7f' || char === '\b') typed.pop();
      else if (char === '\x15') typed = [];
      else typed.push(char);
      if (typed.length > 4096) throw usageError('the passphrase is longer than 4096 characters');
    }
  }
  return typed.join('');
}

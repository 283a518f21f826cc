// SPDX-License-Identifier: Apache-2.0
import { access, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, signingPrompts, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { quote } from '@lading/go-template';
import { generateSigstoreKey } from '@lading/image-copy';
import { readPassphraseFile } from '../passphrase.ts';

export async function run({ flags, environment }: CommandCall): Promise<number> {
  const prefix = flags.string('output-prefix');
  if (!prefix) throw usageError('Usage: generate-sigstore-key --output-prefix PREFIX');
  const [publicPath, privatePath] = [`${prefix}.pub`, `${prefix}.private`];
  for (const path of [publicPath, privatePath]) await refuseExisting(environment.cwd, path);
  const file = flags.string('passphrase-file');
  const passphrase = file
    ? await readPassphraseFile(environment, file)
    : await signingPrompts(environment).askPassphrase(privatePath);
  const { privateKey, publicKey } = await generateSigstoreKey(passphrase);
  // wx: a file that has appeared meanwhile is not written over.
  await writeFile(resolve(environment.cwd, privatePath), privateKey, { mode: 0o600, flag: 'wx' });
  await writeFile(resolve(environment.cwd, publicPath), publicKey, { mode: 0o644, flag: 'wx' });
  await environment.stdout(`Key written to ${quote(privatePath)} and ${quote(publicPath)}\n`);
  return 0;
}

async function refuseExisting(cwd: string, path: string): Promise<void> {
  try {
    await access(resolve(cwd, path));
  } catch (error) {
    const known = LadingError.from(error);
    if (known.code === Code.NotFound) return;
    throw known;
  }
  throw new LadingError(Code.AlreadyExists, `Refusing to overwrite existing ${quote(path)}`);
}

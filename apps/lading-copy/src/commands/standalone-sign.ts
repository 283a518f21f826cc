// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { createGpgSigner } from '@lading/image-copy';
import { digestBytes } from '@lading/image-spec';
import { readPassphraseFile } from '../passphrase.ts';
import { readNamedFile } from '../read-file.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment, command } = call;
  const [manifestPath = '', dockerReference = '', key = ''] = args;
  const output = flags.string('output');
  if (!output) throw usageError(command.args?.tooFew ?? 'name a file with --output');
  const manifest = await readNamedFile(environment, manifestPath, 'the manifest');
  const passphraseFile = flags.string('passphrase-file');
  const passphrase = passphraseFile ? await readPassphraseFile(environment, passphraseFile) : undefined;
  const signer = createGpgSigner({ key, passphrase, env: environment.env });
  const claim = { digest: await digestBytes(manifest), dockerReference };
  const signature = await signer.sign(claim, { signal: signalOf(call) });
  if (signature.kind !== 'simple') throw usageError('gpg makes simple signatures alone');
  await writeFile(resolve(environment.cwd, output), signature.bytes, { mode: 0o644 });
  return 0;
}

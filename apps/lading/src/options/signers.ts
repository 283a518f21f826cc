// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, signingPrompts } from '@lading/command-line';
import { type CopyOptions, openSigners } from '@lading/image-copy';

/** `--sign-by` and its like, and `--remove-signatures`. */
export async function signatureOptions({
  flags,
  environment,
}: CommandCall): Promise<Pick<CopyOptions, 'removeSignatures' | 'signers'>> {
  const text = (name: string): string | undefined => flags.string(name) || undefined;
  const { cwd, env, signal } = environment;
  const signers = await openSigners(
    {
      gpgKey: text('sign-by'),
      sigstoreKeyFile: text('sign-by-sigstore-private-key'),
      sigstoreFile: text('sign-by-sigstore'),
      passphraseFile: text('sign-passphrase-file'),
    },
    { cwd, env, signal, ...signingPrompts(environment) },
  );
  return { removeSignatures: flags.boolean('remove-signatures'), signers };
}

// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, signingPrompts, usageError } from '@lading/command-line';
import { type CopyOptions, type ImageSigner, openSigners } from '@lading/image-copy';
import { signalOf } from './retry.ts';

/** What the flags say of the signatures of a copy. */
export async function signatureOptions(
  call: CommandCall,
): Promise<Pick<CopyOptions, 'removeSignatures' | 'signers' | 'signIdentity'>> {
  return {
    removeSignatures: call.flags.boolean('remove-signatures'),
    ...(await newSignatureOptions(call)),
  };
}

/** What the flags say of the signatures of an image that is made. */
export async function newSignatureOptions(
  call: CommandCall,
): Promise<Pick<CopyOptions, 'signers' | 'signIdentity'>> {
  const signIdentity = call.flags.string('sign-identity') || undefined;
  return { signers: await signersOf(call), signIdentity };
}

async function signersOf(call: CommandCall): Promise<readonly ImageSigner[]> {
  const { flags, environment } = call;
  const text = (name: string): string | undefined => flags.string(name) || undefined;
  const gpgKey = text('sign-by');
  const sigstoreKeyFile = text('sign-by-sigstore-private-key');
  const passphraseFile = text('sign-passphrase-file');
  if (flags.given('sign-by-sq-fingerprint')) {
    throw usageError(
      "--sign-by-sq-fingerprint: keys of Sequoia's own store are not used here; take the key into gpg (sq key export, gpg --import), and use --sign-by",
    );
  }
  if (passphraseFile && gpgKey && sigstoreKeyFile) {
    throw usageError(
      'Only one of --sign-by and --sign-by-sigstore-private-key can be used with --sign-passphrase-file',
    );
  }
  const { cwd, env } = environment;
  return openSigners(
    { gpgKey, sigstoreKeyFile, sigstoreFile: text('sign-by-sigstore'), passphraseFile },
    { cwd, env, signal: signalOf(call), ...signingPrompts(environment) },
  );
}

// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { loadSigningParameters } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import {
  type CopyOptions,
  createGpgSigner,
  createSigstoreSigner,
  type ImageSigner,
} from '@lading/image-copy';
import { promptForPassphrase, readPassphraseFile } from './passphrase.ts';
import { readNamedFile } from './read-file.ts';

/** What the flags say of the signatures of a copy. */
export async function signatureOptions(
  call: CommandCall,
): Promise<Pick<CopyOptions, 'removeSignatures' | 'signers' | 'signIdentity'>> {
  const { flags } = call;
  return {
    removeSignatures: flags.boolean('remove-signatures'),
    signers: await signersOf(call),
    signIdentity: flags.string('sign-identity') || undefined,
  };
}

async function signersOf(call: CommandCall): Promise<readonly ImageSigner[]> {
  const { flags, environment } = call;
  const [gpgKey, keyFile] = [flags.string('sign-by'), flags.string('sign-by-sigstore-private-key')];
  const [parameters, passphraseFile] = [
    flags.string('sign-by-sigstore'),
    flags.string('sign-passphrase-file'),
  ];
  if (flags.given('sign-by-sq-fingerprint')) {
    throw usageError('keys of Sequoia are not used here: use --sign-by with a key of gpg');
  }
  if (passphraseFile && gpgKey && keyFile) {
    throw usageError(
      'Only one of --sign-by and --sign-by-sigstore-private-key can be used with --sign-passphrase-file',
    );
  }
  const passphrase = passphraseFile ? await readPassphraseFile(environment, passphraseFile) : undefined;
  const signers: ImageSigner[] = [];
  if (parameters) signers.push(await signerOfParameters(call, parameters));
  if (gpgKey) signers.push(createGpgSigner({ key: gpgKey, passphrase, env: environment.env }));
  if (keyFile) signers.push(await signerOfKey(call, keyFile, passphrase));
  return signers;
}

async function signerOfKey(
  { environment }: CommandCall,
  keyFile: string,
  passphrase: string | undefined,
): Promise<ImageSigner> {
  const privateKey = await readNamedFile(environment, keyFile, 'the private key');
  return createSigstoreSigner({
    privateKey,
    passphrase: passphrase ?? (await promptForPassphrase(environment, keyFile)),
  });
}

async function signerOfParameters(call: CommandCall, path: string): Promise<ImageSigner> {
  const { environment } = call;
  const parameters = await loadSigningParameters(resolve(environment.cwd, path), {
    signal: environment.signal,
  });
  if (parameters.fulcio !== undefined || parameters.rekorUrl !== undefined) {
    throw new LadingError(
      Code.Unimplemented,
      `${path}: signing with ${parameters.fulcio === undefined ? 'Rekor' : 'Fulcio'} is not supported yet, only with privateKeyFile`,
      { reason: 'UNSUPPORTED' },
    );
  }
  const { privateKeyFile, privateKeyPassphraseFile } = parameters;
  if (privateKeyFile === undefined) {
    throw new LadingError(Code.InvalidArgument, `${path}: privateKeyFile is missing`, {
      reason: 'CONFIG_INVALID',
    });
  }
  const passphrase =
    privateKeyPassphraseFile === undefined
      ? undefined
      : await readPassphraseFile(environment, privateKeyPassphraseFile);
  return signerOfKey(call, privateKeyFile, passphrase);
}

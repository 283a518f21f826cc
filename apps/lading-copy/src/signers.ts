// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, singleLine, usageError } from '@lading/command-line';
import { type FulcioParameters, loadSigningParameters } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import {
  type CopyOptions,
  createGpgSigner,
  createSigstoreSigner,
  type ImageSigner,
  requestIdToken,
} from '@lading/image-copy';
import { promptForPassphrase, readPassphraseFile } from './passphrase.ts';
import { readNamedFile } from './read-file.ts';
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
  const [gpgKey, keyFile] = [flags.string('sign-by'), flags.string('sign-by-sigstore-private-key')];
  const [parameters, passphraseFile] = [
    flags.string('sign-by-sigstore'),
    flags.string('sign-passphrase-file'),
  ];
  if (flags.given('sign-by-sq-fingerprint')) {
    throw usageError(
      "--sign-by-sq-fingerprint: keys of Sequoia's own store are not used here; take the key into gpg (sq key export, gpg --import), and use --sign-by",
    );
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
  rekorUrl?: string,
): Promise<ImageSigner> {
  const privateKey = await readNamedFile(environment, keyFile, 'the private key');
  return createSigstoreSigner({
    privateKey,
    passphrase: passphrase ?? (await promptForPassphrase(environment, keyFile)),
    rekorUrl,
  });
}

async function signerOfParameters(call: CommandCall, path: string): Promise<ImageSigner> {
  const { environment } = call;
  const signal = signalOf(call);
  const parameters = await loadSigningParameters(resolve(environment.cwd, path), { signal });
  const { privateKeyFile, privateKeyPassphraseFile, fulcio, rekorUrl } = parameters;
  if ((privateKeyFile === undefined) === (fulcio === undefined)) {
    throw invalid(
      path,
      privateKeyFile === undefined
        ? 'privateKeyFile and fulcio are missing'
        : 'privateKeyFile and fulcio exclude each other',
    );
  }
  if (fulcio !== undefined) {
    const url = fulcio.fulcioUrl;
    if (url === undefined) throw invalid(path, 'fulcioURL is missing');
    if (rekorUrl === undefined) throw invalid(path, 'rekorURL is missing, which fulcio needs');
    const idToken = await idTokenOf(call, path, fulcio, signal);
    return createSigstoreSigner({ fulcio: { url, idToken }, rekorUrl, signal });
  }
  const passphrase =
    privateKeyPassphraseFile === undefined
      ? undefined
      : await readPassphraseFile(environment, privateKeyPassphraseFile);
  return signerOfKey(call, privateKeyFile ?? '', passphrase, rekorUrl);
}

async function idTokenOf(
  { environment }: CommandCall,
  path: string,
  fulcio: FulcioParameters,
  signal: AbortSignal,
): Promise<string> {
  const { oidcMode, oidcIdToken, oidcIssuerUrl, oidcClientId, oidcClientSecret } = fulcio;
  switch (oidcMode) {
    case 'staticToken':
      if (oidcIdToken === undefined) throw invalid(path, 'oidcIDToken is missing');
      return oidcIdToken;
    case 'deviceGrant':
      if (oidcIssuerUrl === undefined) throw invalid(path, 'oidcIssuerURL is missing');
      return requestIdToken({
        issuerUrl: oidcIssuerUrl,
        clientId: oidcClientId,
        clientSecret: oidcClientSecret,
        onPrompt: ({ url, completeUrl, userCode }) =>
          environment.stderr(
            `To sign, open ${singleLine(completeUrl ?? url)} in a browser and enter the code ${singleLine(userCode)}\n`,
          ),
        signal,
      });
    case 'interactive':
      throw new LadingError(
        Code.Unimplemented,
        `${path}: oidcMode interactive opens a browser, which is not done here; choose deviceGrant or staticToken`,
        { reason: 'UNSUPPORTED' },
      );
    default:
      throw invalid(path, 'oidcMode must be deviceGrant or staticToken');
  }
}

function invalid(path: string, why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${path}: ${why}`, { reason: 'CONFIG_INVALID' });
}

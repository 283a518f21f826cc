// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type FulcioParameters, loadSigningParameters } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { type DevicePrompt, requestIdToken } from './device-grant.ts';
import { createGpgSigner } from './gpg-signer.ts';
import type { ImageSigner } from './image-signer.ts';
import { createSigstoreSigner } from './sigstore-signer.ts';

/** What signs, as command lines name it. */
export interface NamedSigners {
  /** A key of gpg. */
  readonly gpgKey?: string | undefined;
  /** File with a private key of sigstore. */
  readonly sigstoreKeyFile?: string | undefined;
  /** File of parameters of sigstore, as `containers-sigstore-signing-params.yaml` has it. */
  readonly sigstoreFile?: string | undefined;
  /** File whose first line is the passphrase of the key. */
  readonly passphraseFile?: string | undefined;
}

/** Options of {@link openSigners}. */
export interface OpenSignersOptions {
  /** Where relative paths start. Default: the folder of this process. */
  readonly cwd?: string | undefined;
  /** Of gpg. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Asks for the passphrase of a key file that has one. */
  readonly askPassphrase: (keyFile: string) => Promise<string>;
  /** Tells the user where to log in. */
  readonly onDevicePrompt: (prompt: DevicePrompt) => void | Promise<void>;
}

const fileLimitBytes = 4 * 1024 * 1024;

/**
 * Signers for `copyImage` by the names of their keys: files are read, and passphrases asked for where no file has them.
 *
 * @throws InvalidArgument for parameters that contradict each other, and for one passphrase of two keys
 * @example
 * ```ts
 * import { openSigners } from '@lading/image-copy';
 *
 * const signers = await openSigners(
 *   { gpgKey: '0123456789ABCDEF' },
 *   { askPassphrase: async () => '', onDevicePrompt() {} },
 * );
 * console.log(signers.length); // → 1
 * ```
 */
export async function openSigners(
  { gpgKey, sigstoreKeyFile, sigstoreFile, passphraseFile }: NamedSigners,
  options: OpenSignersOptions,
): Promise<readonly ImageSigner[]> {
  if (passphraseFile !== undefined && gpgKey !== undefined && sigstoreKeyFile !== undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      'one passphrase file cannot be that of a gpg key and of a sigstore key: sign twice',
    );
  }
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile, options);
  const signers: ImageSigner[] = [];
  if (sigstoreFile !== undefined) signers.push(await signerOfParameters(sigstoreFile, options));
  if (gpgKey !== undefined) signers.push(createGpgSigner({ key: gpgKey, passphrase, env: options.env }));
  if (sigstoreKeyFile !== undefined) signers.push(await signerOfKey(sigstoreKeyFile, passphrase, options));
  return signers;
}

async function signerOfKey(
  keyFile: string,
  passphrase: string | undefined,
  options: OpenSignersOptions,
  rekorUrl?: string,
): Promise<ImageSigner> {
  const privateKey = await readFile(keyFile, 'the private key', options);
  const known = passphrase ?? (await options.askPassphrase(keyFile));
  return createSigstoreSigner({ privateKey, passphrase: known, rekorUrl });
}

async function signerOfParameters(path: string, options: OpenSignersOptions): Promise<ImageSigner> {
  const { cwd = process.cwd(), signal } = options;
  const parameters = await loadSigningParameters(resolve(cwd, path), { signal });
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
    const idToken = await idTokenOf(path, fulcio, options);
    return createSigstoreSigner({ fulcio: { url, idToken }, rekorUrl, signal });
  }
  const passphrase =
    privateKeyPassphraseFile === undefined
      ? undefined
      : await readPassphrase(privateKeyPassphraseFile, options);
  return signerOfKey(privateKeyFile ?? '', passphrase, options, rekorUrl);
}

async function idTokenOf(
  path: string,
  fulcio: FulcioParameters,
  { onDevicePrompt, signal }: OpenSignersOptions,
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
        onPrompt: onDevicePrompt,
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

/** The first line of a file, as gpg reads it. */
async function readPassphrase(path: string, options: OpenSignersOptions): Promise<string> {
  const bytes = await readFile(path, 'the passphrase file', options);
  return Buffer.from(bytes).toString().split('\n', 1)[0] ?? '';
}

async function readFile(path: string, what: string, { cwd }: OpenSignersOptions): Promise<Uint8Array> {
  try {
    await using file = await open(resolve(cwd ?? process.cwd(), path), 'r');
    const { size } = await file.stat();
    if (size > fileLimitBytes) throw new LadingError(Code.ResourceExhausted, 'it is longer than 4 MiB');
    return await file.readFile();
  } catch (cause) {
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `cannot read ${what} ${path}: ${reason ?? message}`, { cause });
  }
}

function invalid(path: string, why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${path}: ${why}`, { reason: 'CONFIG_INVALID' });
}

// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { readText } from './files.ts';
import { shown } from './text.ts';
import { parseYaml } from './yaml.ts';

/** How sigstore signatures are made. */
export interface SigningParameters {
  /** A private key, encrypted. */
  readonly privateKeyFile: string | undefined;
  /** Its first line is the passphrase. Undefined: ask for it. */
  readonly privateKeyPassphraseFile: string | undefined;
  /** A key for this once, with a certificate of Fulcio. */
  readonly fulcio: FulcioParameters | undefined;
  /** The transparency log that is to record the signature. */
  readonly rekorUrl: string | undefined;
}

/** Where certificates come from, and how Fulcio is told who signs. */
export interface FulcioParameters {
  readonly fulcioUrl: string | undefined;
  readonly oidcMode: string | undefined;
  /** With the mode `staticToken`. */
  readonly oidcIdToken: string | undefined;
  readonly oidcIssuerUrl: string | undefined;
  readonly oidcClientId: string | undefined;
  readonly oidcClientSecret: string | undefined;
}

/** Options of {@link loadSigningParameters}. */
export interface LoadSigningParametersOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads a file for `--sign-by-sigstore`.
 *
 * @throws NotFound without the file; InvalidArgument (`CONFIG_INVALID`) naming the file and the key at fault
 * @see https://github.com/containers/image/blob/main/docs/containers-sigstore-signing-params.yaml.5.md
 */
export async function loadSigningParameters(
  path: string,
  { signal }: LoadSigningParametersOptions = {},
): Promise<SigningParameters> {
  const text = await readText(path, signal);
  if (text === undefined) {
    throw new LadingError(Code.NotFound, `there are no signing parameters at ${path}`, { reason: 'ENOENT' });
  }
  const top = fields(await parseYaml(text, path), path, [
    'privateKeyFile',
    'privateKeyPassphraseFile',
    'fulcio',
    'rekorURL',
  ]);
  const fulcio = top.get('fulcio') ?? undefined;
  return {
    privateKeyFile: string(top, 'privateKeyFile', path),
    privateKeyPassphraseFile: string(top, 'privateKeyPassphraseFile', path),
    fulcio: fulcio === undefined ? undefined : readFulcio(fulcio, `${path}: fulcio`),
    rekorUrl: string(top, 'rekorURL', path),
  };
}

function readFulcio(value: unknown, where: string): FulcioParameters {
  const keys = ['fulcioURL', 'oidcMode', 'oidcIDToken', 'oidcIssuerURL', 'oidcClientID', 'oidcClientSecret'];
  const found = fields(value, where, keys);
  return {
    fulcioUrl: string(found, 'fulcioURL', where),
    oidcMode: string(found, 'oidcMode', where),
    oidcIdToken: string(found, 'oidcIDToken', where),
    oidcIssuerUrl: string(found, 'oidcIssuerURL', where),
    oidcClientId: string(found, 'oidcClientID', where),
    oidcClientSecret: string(found, 'oidcClientSecret', where),
  };
}

function fields(value: unknown, where: string, known: readonly string[]): ReadonlyMap<unknown, unknown> {
  if (!(value instanceof Map)) throw fault(where, 'expected a mapping');
  for (const key of value.keys()) {
    if (typeof key !== 'string' || !known.includes(key))
      throw fault(where, `unknown key ${shown(String(key))}`);
  }
  return value;
}

function string(found: ReadonlyMap<unknown, unknown>, key: string, where: string): string | undefined {
  const value = found.get(key) ?? '';
  if (typeof value !== 'string') throw fault(where, `${key}: expected a string`);
  return value === '' ? undefined : value;
}

function fault(where: string, message: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${where}: ${message}`, { reason: 'CONFIG_INVALID' });
}

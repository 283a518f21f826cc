// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { readText } from './files.ts';
import { isRecord, shown } from './text.ts';

/** What is allowed of TLS, in the words of Node. */
export interface TlsDetails {
  readonly minVersion?: TlsVersion | undefined;
  /** Cipher suites between colons, as OpenSSL names them. */
  readonly ciphers?: string | undefined;
  /** Groups of the key exchange between colons, as OpenSSL names them. */
  readonly groups?: string | undefined;
}

/** A version of TLS as Node names it. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

const versions: Readonly<Record<string, TlsVersion>> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

const groups: Readonly<Record<string, string>> = {
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  x25519: 'X25519',
  X25519MLKEM768: 'X25519MLKEM768',
};

/**
 * Reads a `containers-tls-details.yaml`: `minVersion`, `cipherSuites` by their names at IANA, `namedGroups`.
 *
 * @throws NotFound when there is no such file; InvalidArgument (`CONFIG_INVALID`) naming what is not understood
 */
export async function loadTlsDetails(path: string): Promise<TlsDetails> {
  const text = await readText(path);
  if (text === undefined) throw new LadingError(Code.NotFound, `there is no file ${path} of TLS details`);
  const document = await parse(path, text);
  const fault = (what: string): LadingError => invalid(path, what);
  const { minVersion, cipherSuites, namedGroups, ...unknown } = document;
  const [other] = Object.keys(unknown);
  if (other !== undefined) throw fault(`unknown key ${shown(other)}`);
  return {
    ...(minVersion === undefined ? {} : { minVersion: known(versions, minVersion, 'minVersion', fault) }),
    ...(cipherSuites === undefined
      ? {}
      : {
          ciphers: list(cipherSuites, 'cipherSuites', fault)
            .map((name) => suite(name, fault))
            .join(':'),
        }),
    ...(namedGroups === undefined
      ? {}
      : {
          groups: list(namedGroups, 'namedGroups', fault)
            .map((name) => known(groups, name, 'namedGroups', fault))
            .join(':'),
        }),
  };
}

async function parse(path: string, text: string): Promise<Readonly<Record<string, unknown>>> {
  const { parse: parseYaml } = await import('yaml');
  let document: unknown;
  try {
    document = parseYaml(text, { maxAliasCount: 0 }) ?? {};
  } catch (cause) {
    const [what = ''] = (cause instanceof Error ? cause.message : '').split('\n');
    throw invalid(path, `not YAML: ${what}`);
  }
  if (isRecord(document)) return document;
  throw invalid(path, 'expected minVersion, cipherSuites and namedGroups');
}

function list(value: unknown, key: string, fault: (what: string) => LadingError): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw fault(`${key} is not a list of names`);
}

function known<T>(
  table: Readonly<Record<string, T>>,
  value: unknown,
  key: string,
  fault: (what: string) => LadingError,
): T {
  const found = typeof value === 'string' && Object.hasOwn(table, value) ? table[value] : undefined;
  if (found !== undefined) return found;
  throw fault(`${key} ${shown(String(value))} is none of ${Object.keys(table).join(', ')}`);
}

/** Suites of TLS 1.3 have one name; of the others OpenSSL has names of its own. */
function suite(name: string, fault: (what: string) => LadingError): string {
  if (/^TLS_(?:AES|CHACHA20)_[A-Z0-9_]+$/.test(name)) return name;
  const [, exchange = '', cipher = ''] =
    /^TLS_((?:ECDHE_)?(?:RSA|ECDSA))_WITH_([A-Z0-9_]+)$/.exec(name) ?? [];
  if (cipher === '') throw fault(`cipherSuites ${shown(name)} is not the name of a suite`);
  const short = cipher
    .replace(/AES_(\d+)/, 'AES$1')
    .replace('_CBC', '')
    .replace('CHACHA20_POLY1305_SHA256', 'CHACHA20-POLY1305')
    .replace('3DES_EDE', 'DES-CBC3')
    .replaceAll('_', '-');
  return exchange === 'RSA' ? short : `${exchange.replace('_', '-')}-${short}`;
}

function invalid(path: string, what: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${path}: ${what}`, {
    reason: 'CONFIG_INVALID',
    details: { file: path },
  });
}

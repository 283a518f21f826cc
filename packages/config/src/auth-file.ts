// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { StoredCredentials } from './credentials.ts';
import { readText } from './files.ts';
import { isRecord, shown } from './text.ts';

type Members = Readonly<Record<string, unknown>>;

/** auth.json or Docker's config.json; what it holds beside credentials is kept when it is written again. */
export interface AuthFile {
  readonly path: string;
  readonly document: Members;
  readonly auths: Members;
  readonly credHelpers: Members;
  readonly credsStore: string | undefined;
}

/**
 * Reads a file; one that does not exist or is empty holds nothing.
 *
 * @throws InvalidArgument naming the file. The message never quotes it, for it holds secrets.
 */
export async function readAuthFile(path: string, signal?: AbortSignal): Promise<AuthFile> {
  const text = (await readText(path, signal)) ?? '';
  const document = text.trim() === '' ? {} : parse(path, text);
  const member = (name: string): unknown => (Object.hasOwn(document, name) ? document[name] : undefined);
  const table = (name: string): Members => {
    const found = member(name) ?? {};
    if (!isRecord(found)) throw fault(path, `${name} is not an object`);
    return found;
  };
  const credsStore = member('credsStore') ?? '';
  if (typeof credsStore !== 'string') throw fault(path, 'credsStore is not a string');
  return {
    path,
    document,
    auths: table('auths'),
    credHelpers: table('credHelpers'),
    credsStore: credsStore === '' ? undefined : credsStore,
  };
}

function parse(path: string, text: string): Members {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's message quotes the text around the fault, which may be a password.
    throw fault(path, 'it is not JSON');
  }
  if (!isRecord(document)) throw fault(path, 'it is not a JSON object');
  return document;
}

/** The credentials of an entry of `auths`; undefined where the entry is there and holds none. */
export function credentialsOf(file: AuthFile, key: string): StoredCredentials | undefined {
  const entry = Object.hasOwn(file.auths, key) ? file.auths[key] : undefined;
  if (entry === undefined || entry === null) return undefined;
  if (!isRecord(entry)) throw fault(file.path, `the entry ${shown(key)} is not an object`);
  const { auth, identitytoken } = entry;
  if (typeof identitytoken === 'string' && identitytoken !== '') return { identityToken: identitytoken };
  if (auth === undefined || auth === '') return undefined;
  if (typeof auth !== 'string') throw fault(file.path, `auth of ${shown(key)} is not a string`);
  // Docker pads with NUL bytes to hide the length of the password.
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  if (colon < 0) throw fault(file.path, `auth of ${shown(key)} is not base64 of user:password`);
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The value of `auth` for a user and password. */
export function encodeAuth(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

function fault(path: string, what: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${path}: ${what}`, {
    reason: 'CONFIG_INVALID',
    details: { file: path },
  });
}

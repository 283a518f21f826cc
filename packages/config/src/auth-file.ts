// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { StoredCredentials } from './credentials.ts';
import { readText } from './files.ts';
import { isRecord, shown } from './text.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * auth.json, Docker's config.json, or `.dockercfg`, which is nothing but the entries. What it holds beside
 * credentials is kept when it is written again.
 */
export interface AuthFile {
  readonly path: string;
  readonly isLegacy: boolean;
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
  return parseAuthFile(path, (await readText(path, signal)) ?? '');
}

/** The file of this name with this text in it. */
export function parseAuthFile(path: string, text: string): AuthFile {
  const document = text.trim() === '' ? {} : parse(path, text);
  if (basename(path) === '.dockercfg') {
    return { path, isLegacy: true, document, auths: document, credHelpers: {}, credsStore: undefined };
  }
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
    isLegacy: false,
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
  const { auth, identitytoken, registrytoken, username, password } = entry;
  if (typeof registrytoken === 'string' && registrytoken !== '') return { registryToken: registrytoken };
  if (typeof identitytoken === 'string' && identitytoken !== '') return { identityToken: identitytoken };
  if (auth === undefined || auth === '') {
    // As Kubernetes writes it, whose secrets are mounted as such a file.
    const plain = typeof username === 'string' && typeof password === 'string' && username !== '';
    return plain ? passwordOrToken(username, password) : undefined;
  }
  if (typeof auth !== 'string') throw fault(file.path, `auth of ${shown(key)} is not a string`);
  // Docker pads with NUL bytes to hide the length of the password.
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  if (colon < 0) throw fault(file.path, `auth of ${shown(key)} is not base64 of user:password`);
  return passwordOrToken(text.slice(0, colon), text.slice(colon + 1));
}

/** The user name `<token>` says that the password is none but an identity token. */
export function passwordOrToken(username: string, password: string): StoredCredentials {
  return username === '<token>' ? { identityToken: password } : { username, password };
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

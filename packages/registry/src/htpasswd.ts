// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import type { Authorize } from './authorize.ts';
import { type VerifyBcrypt, verifyBcrypt } from './bcrypt-thread.ts';
import { type HtpasswdUsers, parseHtpasswd } from './htpasswd-file.ts';

/** Options of {@link htpasswdAuthorize}. */
export interface HtpasswdOptions {
  /** What clients show when they ask for the password. Default: `lading-registry`. */
  readonly realm?: string | undefined;
  /** For how long a password that was right is not checked again, in milliseconds. Default: 60,000. */
  readonly cacheMs?: number | undefined;
  /** The clock of the cache, in milliseconds since the epoch. Default: Date.now. */
  readonly now?: (() => number) | undefined;
  /** Hears when a changed file cannot be read; who was in it before stays. Default: it is not reported. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A password file changes seldom and is small; a mistake in its name must not fill the memory. */
const longestFile = 16 * 1024 * 1024;

/**
 * Lets in who is in a password file with bcrypt hashes, as `htpasswd -B` writes it. The file is read again when
 * it changes.
 *
 * @throws NotFound when there is no such file, InvalidArgument for a line that is not of this form
 */
export async function htpasswdAuthorize(file: string, options: HtpasswdOptions = {}): Promise<Authorize> {
  const { realm = 'lading-registry', onError = () => undefined, cacheMs = 60_000, now = Date.now } = options;
  if (!/^[\w .:/-]*$/.test(realm)) {
    throw new LadingError(Code.InvalidArgument, 'a realm is letters, digits, spaces and . : / - alone');
  }
  let version = await versionOf(file);
  let users = await read(file);
  let refreshing: Promise<void> | undefined;
  const check = createPasswordCheck({ cacheMs, now, verify: verifyBcrypt });

  async function refresh(): Promise<void> {
    let seen = '';
    try {
      seen = await versionOf(file);
      if (seen !== version) users = await read(file);
    } catch (error) {
      // An editor may be in the middle of writing it. To let nobody in until then would be no better.
      if (seen !== version) onError(error);
    }
    version = seen;
  }

  const challenge = `Basic realm="${realm}", charset="UTF-8"`;
  return async ({ headers }) => {
    const [, encoded] = /^Basic +([\w+/=-]+) *$/i.exec(headers.authorization ?? '') ?? [];
    if (encoded === undefined) return { challenge };
    const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
    if (name === undefined || password === undefined) return { challenge };
    refreshing ??= refresh().finally(() => {
      refreshing = undefined;
    });
    await refreshing;
    return (await check(users, name, password)) ? undefined : { challenge };
  };
}

/** Changes whenever the file does. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function read(file: string): Promise<HtpasswdUsers> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > longestFile) throw new LadingError(Code.ResourceExhausted, 'it is longer than 16 MiB');
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  return parseHtpasswd(text, file);
}

function unreadable(file: string, error: unknown): LadingError {
  const { code, reason, message } = LadingError.from(error);
  return new LadingError(code, `cannot read the password file ${file}: ${reason ?? message}`, {
    cause: error,
  });
}

/** What {@link createPasswordCheck} works with. */
export interface PasswordCheckOptions {
  readonly cacheMs: number;
  readonly now: () => number;
  readonly verify: VerifyBcrypt;
}

const mostRemembered = 1000;

/**
 * Checks passwords. A name that nobody has costs a bcrypt too, so that the time of an answer does not tell names;
 * what was right is remembered for a while under a keyed hash, from which no password can be read.
 */
export function createPasswordCheck(
  options: PasswordCheckOptions,
): (users: HtpasswdUsers, name: string, password: string) => Promise<boolean> {
  const { cacheMs, now, verify } = options;
  const key = randomBytes(32);
  const nobody = Array.from(randomBytes(53), (byte) => alphabet[byte % 64]).join('');
  const passed = new Map<string, number>();
  const pending = new Map<string, Promise<boolean>>();

  return async ({ hashes, cost }, name, password) => {
    const known = hashes.get(name);
    const hash = known ?? `$2b$${String(cost).padStart(2, '0')}$${nobody}`;
    // With the hash in it a changed password makes the old one forgotten.
    const mark = createHmac('sha256', key)
      .update(JSON.stringify([name, password, hash]))
      .digest('hex');
    if ((passed.get(mark) ?? 0) > now()) return true;
    let right = pending.get(mark);
    if (right === undefined) {
      right = verify(password, hash).finally(() => pending.delete(mark));
      pending.set(mark, right);
    }
    if (!(await right) || known === undefined) return false;
    passed.delete(mark);
    passed.set(mark, now() + cacheMs);
    const [oldest] = passed.keys();
    if (passed.size > mostRemembered && oldest !== undefined) passed.delete(oldest);
    return true;
  };
}

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

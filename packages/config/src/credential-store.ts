// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type AuthFile, credentialsOf, encodeAuth, readAuthFile } from './auth-file.ts';
import { authKeys, checkedKey, hostOfUrlKey, hubLegacyKey } from './auth-key.ts';
import { authPaths } from './auth-paths.ts';
import {
  eraseFromHelper,
  getFromHelper,
  type HelperOptions,
  listInHelper,
  storeInHelper,
} from './credential-helper.ts';
import type { StoredCredentials } from './credentials.ts';
import { shown } from './text.ts';
import type { ConfigWarning } from './warning.ts';
import { writeSecret } from './write-secret.ts';

/** Options of {@link loadAuth}. */
export interface LoadAuthOptions {
  /** Read in this order; the first is written. Default: as containers-auth.json(5) has it. */
  readonly paths?: readonly string[];
  /** Where variables are looked up, and what helpers get. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Helpers to ask in this order, as `credential-helpers` of registries.conf names them; `containers-auth.json`
   * stands for the files. Default: the files alone.
   */
  readonly helpers?: readonly string[] | undefined;
  /**
   * `docker`: the file is Docker's own, whose keys are hosts alone, and Docker Hub's its old address. Default:
   * `auth.json`.
   */
  readonly format?: 'auth.json' | 'docker' | undefined;
  /** A helper may ask its user to unlock a key store; after this time it is ended. Default: 60,000. */
  readonly helperTimeoutMs?: number | undefined;
  /** A helper that is missing, fails, hangs or answers nonsense: once each, and the next place is asked. */
  readonly onWarning?: (warning: ConfigWarning) => void;
}

/** What stands for the files among `helpers`. */
const filesThemselves = 'containers-auth.json';

/** Logins to registries. Files are read anew for each call, so that a login elsewhere is seen. */
export interface CredentialStore {
  /** The file that `set` writes. */
  readonly path: string;
  /**
   * The credentials for a host, a namespace or a repository on it: `quay.io`, `quay.io/team/app`. The most
   * specific entry counts.
   *
   * @throws InvalidArgument naming a file that cannot be understood
   */
  get(hostOrRepository: string, options?: StoreCallOptions): Promise<StoredCredentials | undefined>;
  /** The keys of all logins with their user names; empty where there is only a token. Helpers of the files are asked too. */
  list(options?: StoreCallOptions): Promise<ReadonlyMap<string, string>>;
  /**
   * Keeps credentials in the first of `helpers` that takes them: for the files in the host's helper where the file
   * names one, in the file (mode 0600) otherwise.
   *
   * @returns where they are, for a person: the path of the file, or `credential helper: NAME`
   */
  set(hostOrRepository: string, credentials: StoredCredentials, options?: StoreCallOptions): Promise<string>;
  /** Forgets a login, wherever it is kept. @returns false when it was nowhere */
  remove(hostOrRepository: string, options?: StoreCallOptions): Promise<boolean>;
  /** Forgets every login that the file and the helpers hold. */
  removeAll(options?: StoreCallOptions): Promise<void>;
}

export interface StoreCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Opens the store of logins. Nothing is read yet. */
export function loadAuth(options: LoadAuthOptions = {}): CredentialStore {
  const { env = process.env, onWarning, helpers = [filesThemselves], helperTimeoutMs = 60_000 } = options;
  const paths = options.paths ?? authPaths(env, process.getuid?.() ?? 0);
  const [path] = paths;
  if (path === undefined) throw new LadingError(Code.InvalidArgument, 'no file of credentials is named');
  // For the functions below, which are hoisted above the check.
  const writtenPath: string = path;
  const warned = new Set<string>();

  const called = (signal: AbortSignal | undefined): HelperOptions => ({
    env,
    timeoutMs: helperTimeoutMs,
    signal,
  });

  /** Another place may have the login, and a public image needs none: a helper that fails stops nothing. */
  async function ask<T>(file: string, signal: AbortSignal | undefined, work: () => Promise<T>) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const { code, message } = LadingError.from(error);
      // The name of a helper that could be a path is a fault of the file, and none to look past.
      if (code === Code.InvalidArgument) throw error;
      if (!warned.has(message)) onWarning?.({ file, message });
      warned.add(message);
      return undefined;
    }
  }

  async function fromFiles(keys: readonly string[], signal: AbortSignal | undefined) {
    for (const candidate of paths) {
      const file = await readAuthFile(candidate, signal);
      const found = await find(file, keys, (helper, server) =>
        ask(file.path, signal, () => getFromHelper(helper, server, called(signal))),
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    path,
    async get(name, { signal } = {}) {
      const keys = authKeys(checkedKey(name));
      const [host = ''] = checkedKey(name).split('/');
      for (const helper of helpers) {
        const found =
          helper === filesThemselves
            ? await fromFiles(keys, signal)
            : await ask('registries.conf', signal, () => getFromHelper(helper, host, called(signal)));
        if (found !== undefined) return found;
      }
      return undefined;
    },
    async list({ signal } = {}) {
      const users = new Map<string, string>();
      // The first place that has a login is the one that counts.
      const add = (key: string, user: string): unknown => users.has(key) || users.set(key, user);
      for (const candidate of paths) {
        const file = await readAuthFile(candidate, signal);
        for (const key of Object.keys(file.auths)) {
          const found = credentialsOf(file, key);
          if (found !== undefined) add(key, 'username' in found ? found.username : '');
        }
        const named = new Set([...Object.values(file.credHelpers), file.credsStore]);
        for (const helper of named) {
          if (typeof helper !== 'string' || helper === '') continue;
          const known = await ask(file.path, signal, () => listInHelper(helper, called(signal)));
          for (const [key, user] of known ?? []) {
            if (helper === file.credsStore || helperOf(file, key) === helper)
              add(key, user === '<token>' ? '' : user);
          }
        }
      }
      return users;
    },
    async set(name, credentials, { signal } = {}) {
      const key = keyToWrite(name);
      const failures: string[] = [];
      for (const helper of helpers) {
        try {
          if (helper === filesThemselves) return await setInFile(key, credentials, signal);
          if (key.includes('/')) throw namespaced(helper, key);
          await storeInHelper(helper, key, credentials, called(signal));
          return `credential helper: ${helper}`;
        } catch (error) {
          signal?.throwIfAborted();
          if (helpers.length === 1) throw error;
          failures.push(LadingError.from(error).message);
        }
      }
      throw new LadingError(Code.Unavailable, `the login could not be kept: ${failures.join('; ')}`);
    },
    async remove(name, { signal } = {}) {
      const key = keyToWrite(name);
      let removed = false;
      for (const helper of helpers) {
        if (helper === filesThemselves) removed = (await removeFromFile(key, signal)) || removed;
        else if (!key.includes('/')) {
          const known = await ask('registries.conf', signal, () =>
            getFromHelper(helper, key, called(signal)),
          );
          if (known === undefined) continue;
          await eraseFromHelper(helper, key, called(signal));
          removed = true;
        }
      }
      return removed;
    },
    async removeAll({ signal } = {}) {
      for (const helper of helpers) {
        if (helper === filesThemselves) continue;
        const known = await ask('registries.conf', signal, () => listInHelper(helper, called(signal)));
        for (const key of known?.keys() ?? []) await eraseFromHelper(helper, key, called(signal));
      }
      const file = await readAuthFile(path, signal);
      for (const [key, helper] of Object.entries(file.credHelpers)) {
        if (typeof helper === 'string') await eraseFromHelper(helper, key, called(signal));
      }
      await writeAuths(file, {});
    },
  };

  function keyToWrite(name: string): string {
    const key = checkedKey(name);
    if (options.format !== 'docker') return key;
    if (key.includes('/')) {
      throw new LadingError(
        Code.InvalidArgument,
        `Credentials cannot be recorded in Docker-compatible format with namespaced key ${shown(key)}`,
      );
    }
    return key === 'docker.io' ? hubLegacyKey : key;
  }

  async function setInFile(key: string, credentials: StoredCredentials, signal: AbortSignal | undefined) {
    const file = await readAuthFile(writtenPath, signal);
    const helper = helperOf(file, key);
    if (helper === undefined) {
      await writeAuths(file, { ...file.auths, [key]: entryOf(credentials) });
      return writtenPath;
    }
    if (key.includes('/') && key !== hubLegacyKey) throw namespaced(helper, key);
    await storeInHelper(helper, key, credentials, called(signal));
    return `credential helper: ${helper}`;
  }

  async function removeFromFile(key: string, signal: AbortSignal | undefined): Promise<boolean> {
    const file = await readAuthFile(writtenPath, signal);
    const helper = helperOf(file, key);
    if (helper !== undefined) {
      await eraseFromHelper(helper, key, called(signal));
      return true;
    }
    const same = key.includes('/') ? [key] : authKeys(key);
    const kept = Object.entries(file.auths).filter(([other]) => !same.includes(other));
    if (kept.length === Object.keys(file.auths).length) return false;
    await writeAuths(file, Object.fromEntries(kept));
    return true;
  }
}

function namespaced(helper: string, key: string): LadingError {
  return new LadingError(
    Code.InvalidArgument,
    `the credential helper ${helper} keeps logins of hosts alone, not of ${shown(key)}`,
  );
}

async function find(
  file: AuthFile,
  keys: readonly string[],
  ask: (helper: string, server: string) => Promise<StoredCredentials | undefined>,
): Promise<StoredCredentials | undefined> {
  for (const key of keys) {
    const helper = helperOf(file, key);
    if (helper !== undefined) {
      const found = await ask(helper, key);
      if (found !== undefined) return found;
    }
    const found = credentialsOf(file, key);
    if (found !== undefined) return found;
  }
  for (const key of Object.keys(file.auths)) {
    const host = hostOfUrlKey(key);
    if (host === undefined || !keys.includes(host)) continue;
    const found = credentialsOf(file, key);
    if (found !== undefined) return found;
  }
  const host = keys.findLast((key) => !key.includes('/'));
  if (file.credsStore === undefined || host === undefined) return undefined;
  return ask(file.credsStore, keys.includes(hubLegacyKey) ? hubLegacyKey : host);
}

function helperOf(file: AuthFile, key: string): string | undefined {
  const helper = Object.hasOwn(file.credHelpers, key) ? file.credHelpers[key] : undefined;
  return typeof helper === 'string' && helper !== '' ? helper : undefined;
}

function entryOf(credentials: StoredCredentials): object {
  if ('identityToken' in credentials) {
    return { auth: encodeAuth('', ''), identitytoken: credentials.identityToken };
  }
  if ('registryToken' in credentials) return { registrytoken: credentials.registryToken };
  if (credentials.username.includes(':')) {
    throw new LadingError(Code.InvalidArgument, 'a user name for a registry has no colon');
  }
  return { auth: encodeAuth(credentials.username, credentials.password) };
}

async function writeAuths(file: AuthFile, auths: object): Promise<void> {
  const document = file.isLegacy ? auths : { ...file.document, auths };
  await writeSecret(file.path, `${JSON.stringify(document, undefined, '\t')}\n`);
}

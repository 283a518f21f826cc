// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type AuthFile, credentialsOf, encodeAuth, readAuthFile } from './auth-file.ts';
import { authKeys, checkedKey, hostOfUrlKey, hubLegacyKey } from './auth-key.ts';
import { authPaths } from './auth-paths.ts';
import {
  eraseFromHelper,
  getFromHelper,
  type HelperOptions,
  isMissingHelper,
  storeInHelper,
} from './credential-helper.ts';
import type { StoredCredentials } from './credentials.ts';
import type { ConfigWarning } from './warning.ts';
import { writeSecret } from './write-secret.ts';

/** Options of {@link loadAuth}. */
export interface LoadAuthOptions {
  /** Read in this order; the first is written. Default: as containers-auth.json(5) has it. */
  readonly paths?: readonly string[];
  /** Where variables are looked up, and what helpers get. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A helper that is named and not installed, once each. */
  readonly onWarning?: (warning: ConfigWarning) => void;
}

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
  /** Keeps credentials: in the host's helper where the file names one, in the file (mode 0600) otherwise. */
  set(hostOrRepository: string, credentials: StoredCredentials, options?: StoreCallOptions): Promise<void>;
  /** Forgets a login. @returns false when the file held none */
  remove(hostOrRepository: string, options?: StoreCallOptions): Promise<boolean>;
  /** Forgets every login that the file holds. */
  removeAll(options?: StoreCallOptions): Promise<void>;
}

export interface StoreCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Opens the store of logins. Nothing is read yet. */
export function loadAuth(options: LoadAuthOptions = {}): CredentialStore {
  const { env = process.env, onWarning } = options;
  const paths = options.paths ?? authPaths(env, process.getuid?.() ?? 0);
  const [path] = paths;
  if (path === undefined) throw new LadingError(Code.InvalidArgument, 'no file of credentials is named');
  const warned = new Set<string>();

  async function ask(
    file: AuthFile,
    helper: string,
    server: string,
    call: HelperOptions,
  ): Promise<StoredCredentials | undefined> {
    try {
      return await getFromHelper(helper, server, call);
    } catch (error) {
      // Another file may have the login, and a public image needs none.
      if (!isMissingHelper(error)) throw error;
      const message = `${error.message}; it is named for ${server}`;
      if (!warned.has(message)) onWarning?.({ file: file.path, message });
      warned.add(message);
      return undefined;
    }
  }

  return {
    path,
    async get(name, { signal } = {}) {
      const keys = authKeys(checkedKey(name));
      for (const candidate of paths) {
        const file = await readAuthFile(candidate, signal);
        const found = await find(file, keys, (helper, server) => ask(file, helper, server, { env, signal }));
        if (found !== undefined) return found;
      }
      return undefined;
    },
    async set(name, credentials, { signal } = {}) {
      const key = checkedKey(name);
      const file = await readAuthFile(path, signal);
      const helper = helperOf(file, key);
      if (helper !== undefined) return storeInHelper(helper, key, credentials, { env, signal });
      await writeAuths(file, { ...file.auths, [key]: entryOf(credentials) });
    },
    async remove(name, { signal } = {}) {
      const key = checkedKey(name);
      const file = await readAuthFile(path, signal);
      const helper = helperOf(file, key);
      if (helper !== undefined) {
        await eraseFromHelper(helper, key, { env, signal });
        return true;
      }
      const same = key.includes('/') ? [key] : authKeys(key);
      const kept = Object.entries(file.auths).filter(([other]) => !same.includes(other));
      if (kept.length === Object.keys(file.auths).length) return false;
      await writeAuths(file, Object.fromEntries(kept));
      return true;
    },
    async removeAll({ signal } = {}) {
      const file = await readAuthFile(path, signal);
      for (const [key, helper] of Object.entries(file.credHelpers)) {
        if (typeof helper === 'string') await eraseFromHelper(helper, key, { env, signal });
      }
      await writeAuths(file, {});
    },
  };
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
  if (credentials.username.includes(':')) {
    throw new LadingError(Code.InvalidArgument, 'a user name for a registry has no colon');
  }
  return { auth: encodeAuth(credentials.username, credentials.password) };
}

async function writeAuths(file: AuthFile, auths: object): Promise<void> {
  await writeSecret(file.path, `${JSON.stringify({ ...file.document, auths }, undefined, '\t')}\n`);
}

// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { type Credentials, createRegistryClient, type RegistryClient } from '@lading/registry-client';
import type { ProxyFlags } from './serve-options.ts';
import { canonicalHost } from './upstream.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The client with which the program's cache asks its upstream. Only that one gets the credentials. */
export async function createProxyClient(flags: ProxyFlags, env: Variables): Promise<RegistryClient> {
  const credentials = await readCredentials(flags.credentialsFile, env);
  const upstream = canonicalHost(flags.upstream);
  return createRegistryClient({
    userAgent: 'lading-registry',
    credentials: (host) => (host === upstream ? credentials : undefined),
    tlsVerify: (host) => !(flags.plainHttp && host === upstream),
    // Somebody waits, and has retries too.
    retry: { attempts: 2 },
  });
}

async function readCredentials(file: string | undefined, env: Variables): Promise<Credentials | undefined> {
  const { REGISTRY_PROXY_USERNAME: username, REGISTRY_PROXY_PASSWORD: password } = env;
  if ((username === undefined) !== (password === undefined)) {
    throw usageError('REGISTRY_PROXY_USERNAME and REGISTRY_PROXY_PASSWORD go together');
  }
  if (file === undefined) {
    return username === undefined || password === undefined ? undefined : { username, password };
  }
  if (username !== undefined) {
    throw usageError('--proxy-credentials and REGISTRY_PROXY_USERNAME do not go together');
  }
  const text = await readFile(file, 'utf8');
  const [, name, secret] = /^([^:\r\n]+):([^\r\n]+)\r?\n?$/.exec(text) ?? [];
  if (name === undefined || secret === undefined) {
    throw new LadingError(Code.InvalidArgument, `${file}: write one line USERNAME:PASSWORD`);
  }
  return { username: name, password: secret };
}

// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { CommandCall, LoginOptions } from '@lading/command-line';
import { loadRegistries, parseRegistry, type StoredCredentials } from '@lading/config';
import { writtenLoginStore } from './login-store.ts';
import { textOf } from './shared-flags.ts';

/** What login and logout work with. */
export async function loginOptions(call: CommandCall): Promise<LoginOptions<StoredCredentials>> {
  const { env, cwd, signal } = call.environment;
  const file = textOf(call, 'authfile') ?? textOf(call, 'compat-auth-file');
  const store = writtenLoginStore(call, await loadRegistries({ env, signal }));
  return {
    store,
    signal,
    parseRegistry,
    async ping(host, login) {
      const [{ createRegistryClient }, { registryContext }] = await Promise.all([
        import('@lading/registry-client'),
        import('./registry-context.ts'),
      ]);
      const { registries, tls, tlsVerify = !registries.isInsecure(host) } = await registryContext(call);
      await using client = createRegistryClient({
        credentials: (asked) => (asked === host ? login : undefined),
        tlsVerify,
        tls,
      });
      await client.ping(host, { signal });
    },
    showPlace: (place) => (file !== undefined && resolve(cwd, file) === place ? file : place),
  };
}

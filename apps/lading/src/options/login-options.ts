// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, type LoginOptions, singleLine } from '@lading/command-line';
import { loadAuth, parseRegistry, type StoredCredentials } from '@lading/config';
import { textOf } from './shared-flags.ts';

/** What login and logout work with: logins are kept by `--authfile`, REGISTRY_AUTH_FILE, or in the usual file. */
export function loginOptions(call: CommandCall): LoginOptions<StoredCredentials> {
  const { env, cwd, signal, stderr } = call.environment;
  const file = textOf(call, 'authfile');
  const store = loadAuth({
    env,
    ...(file === undefined ? {} : { paths: [resolve(cwd, file)] }),
    onWarning: (warning) => {
      void stderr(`Warning: ${singleLine(`${warning.file}: ${warning.message}`)}\n`);
    },
  });
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

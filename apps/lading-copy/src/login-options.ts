// SPDX-License-Identifier: Apache-2.0
import type { CommandCall, LoginOptions } from '@lading/command-line';
import { parseRegistry, type StoredCredentials } from '@lading/config';
import { loginPlace } from './login-place.ts';
import { registriesOf, tlsOf, userAgentOf } from './registry-context.ts';
import { signalOf } from './retry.ts';
import { certDirOf, tlsVerifyOf } from './transport-options.ts';

/** What login and logout work with, by the flags. */
export async function loginOptions(call: CommandCall): Promise<LoginOptions<StoredCredentials>> {
  const signal = signalOf(call);
  return {
    store: await loginPlace(call),
    signal,
    parseRegistry,
    async ping(host, login) {
      // Loaded here: it seldom takes the client of registries to log out.
      const { createRegistryClient } = await import('@lading/registry-client');
      await using client = createRegistryClient({
        credentials: (asked) => (asked === host ? login : undefined),
        tlsVerify: tlsVerifyOf(call, '') ?? !(await registriesOf(call)).isInsecure(host),
        tls: await tlsOf(call, certDirOf(call, '')),
        userAgent: userAgentOf(call),
      });
      await client.ping(host, { signal });
    },
  };
}

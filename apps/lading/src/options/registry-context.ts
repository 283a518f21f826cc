// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import {
  certificateProvider,
  credentialProvider,
  loadRegistries,
  loadSignatureStorages,
  type Registries,
} from '@lading/config';
import type { TransportContext } from '@lading/image-copy';
import type { Store } from '@lading/storage';
import { loginStore } from './login-store.ts';
import { readRetry } from './retry.ts';
import { textOf } from './shared-flags.ts';

/** What images are copied with: the store, and of registries what flags and files say. */
export async function transportContext(call: CommandCall, store: Store): Promise<TransportContext> {
  const { cwd, env } = call.environment;
  const retry = readRetry(call);
  return {
    ...(await registryContext(call)),
    cwd,
    store: async () => store,
    signatureStorages: await loadSignatureStorages({ env }),
    ...(retry === undefined ? {} : { retry }),
  };
}

/** How registries are reached. */
export async function registryContext(
  call: CommandCall,
): Promise<TransportContext & { readonly registries: Registries }> {
  const { flags, environment } = call;
  const { env, cwd } = environment;
  const certificates = textOf(call, 'cert-dir');
  const creds = textOf(call, 'creds');
  const registries = await loadRegistries({ env });
  return {
    registries,
    credentials:
      creds === undefined ? credentialProvider(loginStore(call, registries)) : splitCredentials(creds),
    tls: certificateProvider({
      env,
      folder: certificates === undefined ? undefined : resolve(cwd, certificates),
    }),
    ...(flags.given('tls-verify') ? { tlsVerify: flags.boolean('tls-verify') } : {}),
  };
}

function splitCredentials(text: string): { username: string; password: string } {
  const colon = text.indexOf(':');
  if (colon <= 0) throw usageError('--creds must be USERNAME:PASSWORD');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

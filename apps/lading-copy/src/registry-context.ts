// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, singleLine, usageError } from '@lading/command-line';
import {
  type ConfigWarning,
  type CredentialStore,
  certificateProvider,
  credentialProvider,
  loadAuth,
  loadRegistries,
  loadSignatureStorages,
} from '@lading/config';
import type { TransportContext } from '@lading/image-copy';
import type { Credentials } from '@lading/registry-client';
import type { FlagPrefix } from './specs/registry-flags.ts';
import { certDirOf, placeOptions } from './transport-options.ts';
import { version } from './version.ts';

/** What one side of a command opens its image with, by the flags with this prefix. */
export async function transportContext(
  call: CommandCall,
  reference: string,
  prefix: FlagPrefix = '',
): Promise<TransportContext> {
  const { flags, environment } = call;
  const { cwd, env } = environment;
  if (!reference.startsWith('docker:')) return placeOptions(call, prefix);
  const conf = flags.string('registries-conf');
  const registries = await loadRegistries({
    env,
    ...(conf === undefined ? {} : { path: conf, dropInDirectories: [] }),
  });
  const warn = warnings(call);
  for (const warning of registries.warnings) warn(`${warning.file}: ${warning.message}`);
  const directory = flags.string('registries.d');
  return {
    cwd,
    registries,
    signatureStorages: await loadSignatureStorages({
      env,
      directory: directory === undefined ? undefined : resolve(cwd, directory),
    }),
    credentials: credentialsFor(call, prefix, registries.credentialHelpers),
    tls: certificateProvider({
      env,
      folder: certDirOf(call, prefix),
      onWarning: ({ file, message }) => warn(`${file}: ${message}`),
    }),
    userAgent: `lading-copy/${version}`,
    onWarning: ({ host, text }) => warn(`${host}: ${text}`),
    ...(flags.given(`${prefix}tls-verify`) ? { tlsVerify: flags.boolean(`${prefix}tls-verify`) } : {}),
  };
}

function credentialsFor(
  call: CommandCall,
  prefix: FlagPrefix,
  helpers: readonly string[],
): TransportContext['credentials'] {
  const { flags } = call;
  const creds = flags.string(`${prefix}creds`);
  const username = flags.string(`${prefix}username`);
  const password = flags.string(`${prefix}password`);
  const registryToken = flags.string(`${prefix}registry-token`);
  const ways = [creds, username ?? password, registryToken].filter((way) => way !== undefined).length;
  if (ways > 1 || (ways > 0 && flags.boolean(`${prefix}no-creds`))) {
    throw usageError(
      `give only one of --${prefix}creds, --${prefix}username, --${prefix}registry-token and --${prefix}no-creds`,
    );
  }
  if (flags.boolean(`${prefix}no-creds`)) return undefined;
  if (registryToken !== undefined) return { registryToken };
  if (creds !== undefined) return splitCredentials(creds);
  if (username !== undefined && password !== undefined) return { username, password };
  if (ways > 0) throw usageError(`--${prefix}username and --${prefix}password go together`);
  return credentialProvider(authStore(call, prefix, helpers));
}

/** The store of logins that the flags name. */
export function authStore(
  call: CommandCall,
  prefix: FlagPrefix = '',
  helpers: readonly string[] = [],
): CredentialStore {
  const { flags, environment } = call;
  const own = prefix === '' ? undefined : flags.string(`${prefix}authfile`);
  const path = own ?? flags.string('authfile');
  const warn = warnings(call);
  return loadAuth({
    env: environment.env,
    ...(helpers.length === 0 ? {} : { helpers }),
    ...(path === undefined ? {} : { paths: [path] }),
    onWarning: ({ file, message }: ConfigWarning) => warn(`${file}: ${message}`),
  });
}

function splitCredentials(text: string): Credentials {
  const colon = text.indexOf(':');
  if (text === '' || colon === 0) throw usageError('credentials are USERNAME[:PASSWORD]');
  if (colon < 0) return { username: text, password: '' };
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A line on stderr, of text that may come from a registry. */
function warnings({ environment }: CommandCall): (text: string) => void {
  return (text) => {
    void environment.stderr(`Warning: ${singleLine(text)}\n`);
  };
}

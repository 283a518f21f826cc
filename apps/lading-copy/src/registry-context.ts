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
  loadTlsDetails,
  type Registries,
  type TlsDetails,
} from '@lading/config';
import type { TransportContext } from '@lading/image-copy';
import type { Credentials } from '@lading/registry-client';
import type { FlagPrefix } from './specs/registry-flags.ts';
import { certDirOf, placeOptions, tlsVerifyOf } from './transport-options.ts';
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
  const warn = warnings(call);
  const directory = flags.string('registries.d');
  const [registries, signatureStorages, tls] = await Promise.all([
    registriesOf(call),
    loadSignatureStorages({
      env,
      directory: directory === undefined ? undefined : resolve(cwd, directory),
    }),
    tlsOf(call, certDirOf(call, prefix)),
  ]);
  return {
    cwd,
    tlsVerify: tlsVerifyOf(call, prefix),
    registries,
    signatureStorages,
    credentials: credentialsFor(call, prefix, registries.credentialHelpers),
    tls,
    userAgent: userAgentOf(call),
    onWarning: ({ host, text }) => warn(`${host}: ${text}`),
  };
}

/** registries.conf and its drop-ins, with a line for what they say that nobody knows. */
export async function registriesOf(call: CommandCall): Promise<Registries> {
  const { flags, environment } = call;
  const conf = flags.string('registries-conf');
  const registries = await loadRegistries({
    env: environment.env,
    ...(conf === undefined ? {} : { path: resolve(environment.cwd, conf) }),
  });
  const warn = warnings(call);
  for (const warning of registries.warnings) warn(`${warning.file}: ${warning.message}`);
  return registries;
}

/** Certificates of a folder, or of those of the machine, and what `--tls-details` allows of TLS. */
export async function tlsOf(
  call: CommandCall,
  folder: string | undefined,
): Promise<NonNullable<TransportContext['tls']>> {
  const warn = warnings(call);
  const details = await tlsDetailsOf(call);
  return certificateProvider({
    env: call.environment.env,
    folder,
    ...(details === undefined ? {} : { details }),
    onWarning: ({ file, message }) => warn(`${file}: ${message}`),
  });
}

/** What `--tls-details` allows of TLS. */
async function tlsDetailsOf({ flags, environment }: CommandCall): Promise<TlsDetails | undefined> {
  const file = flags.string('tls-details');
  return file === undefined || file === '' ? undefined : loadTlsDetails(resolve(environment.cwd, file));
}

export function userAgentOf({ flags }: CommandCall): string {
  const prefix = flags.string('user-agent-prefix');
  const own = `lading-copy/${version}`;
  return prefix === undefined || prefix === '' ? own : `${prefix} ${own}`;
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
  const noCreds = flags.boolean(`${prefix}no-creds`);
  if (creds !== undefined && noCreds)
    throw usageError('creds and no-creds cannot be specified at the same time');
  if (username !== undefined && noCreds) {
    throw usageError('username and no-creds cannot be specified at the same time');
  }
  if (creds !== undefined && username !== undefined) {
    throw usageError('creds and username cannot be specified at the same time');
  }
  if (username !== undefined && password === undefined) {
    throw usageError('password must be specified when username is specified');
  }
  if (username === undefined && password !== undefined) {
    throw usageError('username must be specified when password is specified');
  }
  const given = creds === undefined ? undefined : splitCredentials(creds);
  if (registryToken !== undefined) return { registryToken };
  if (noCreds) return undefined;
  if (given !== undefined) return given;
  if (username !== undefined && password !== undefined) return { username, password };
  return credentialProvider(authStore(call, prefix, helpers));
}

/** The store of logins that the flags name. */
function authStore(
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
    ...(path === undefined || path === '' ? {} : { paths: [resolve(environment.cwd, path)] }),
    onWarning: ({ file, message }: ConfigWarning) => warn(`${file}: ${message}`),
  });
}

function splitCredentials(text: string): Credentials {
  const colon = text.indexOf(':');
  if (text === '') throw usageError("credentials can't be empty: write USERNAME[:PASSWORD]");
  if (colon === 0) throw usageError("username can't be empty: write USERNAME[:PASSWORD]");
  if (colon < 0) return { username: text, password: '' };
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** A line on stderr, of text that may come from a registry. */
function warnings({ environment }: CommandCall): (text: string) => void {
  return (text) => {
    void environment.stderr(`Warning: ${singleLine(text)}\n`);
  };
}

// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';
import { type CommandCall, singleLine, usageError } from '@lading/command-line';
import { type CredentialStore, type LoadAuthOptions, loadAuth, type Registries } from '@lading/config';
import { textOf } from './shared-flags.ts';

/** The logins that images are fetched with: by `--authfile`, REGISTRY_AUTH_FILE, and the helpers of registries.conf. */
export function loginStore(call: CommandCall, { credentialHelpers }: Registries): CredentialStore {
  return open(call, textOf(call, 'authfile'), credentialHelpers, 'auth.json');
}

/** Where `login` and `logout` keep a login: as {@link loginStore}, or in a file of Docker's. */
export function writtenLoginStore(call: CommandCall, registries: Registries): CredentialStore {
  const { env } = call.environment;
  const file = textOf(call, 'authfile');
  const compatible = textOf(call, 'compat-auth-file');
  if (file !== undefined && compatible !== undefined) {
    throw usageError('--authfile and --compat-auth-file cannot be set together');
  }
  const named =
    env.REGISTRY_AUTH_FILE || !env.DOCKER_CONFIG ? undefined : join(env.DOCKER_CONFIG, 'config.json');
  const docker = compatible ?? (file === undefined ? named : undefined);
  if (docker === undefined) return loginStore(call, registries);
  // Docker does not know the helpers of registries.conf.
  return open(call, docker, [], 'docker');
}

function open(
  { environment: { env, cwd, stderr } }: CommandCall,
  file: string | undefined,
  helpers: readonly string[],
  format: LoadAuthOptions['format'],
): CredentialStore {
  return loadAuth({
    env,
    format,
    ...(file === undefined ? {} : { paths: [resolve(cwd, file)] }),
    ...(helpers.length === 0 ? {} : { helpers }),
    onWarning: (warning) => {
      void stderr(`Warning: ${singleLine(`${warning.file}: ${warning.message}`)}\n`);
    },
  });
}

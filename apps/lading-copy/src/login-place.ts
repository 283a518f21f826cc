// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';
import { type CommandCall, singleLine, usageError } from '@lading/command-line';
import { type CredentialStore, loadAuth } from '@lading/config';
import { registriesOf } from './registry-context.ts';

/** Where a login is kept: by the flags, REGISTRY_AUTH_FILE, DOCKER_CONFIG, and registries.conf. */
export async function loginPlace(call: CommandCall): Promise<CredentialStore> {
  const { flags, environment } = call;
  const { cwd, env } = environment;
  const file = flags.string('authfile') ?? '';
  const compatible = flags.string('compat-auth-file') ?? '';
  if (file !== '' && compatible !== '') {
    throw usageError(
      'options for paths to the credential file and to the Docker-compatible credential file can not be set simultaneously',
    );
  }
  const docker = compatible === '' && file === '' ? dockerConfig(env) : compatible;
  const path = docker === '' ? file : docker;
  // Docker does not know the helpers of registries.conf.
  const helpers = docker === '' ? (await registriesOf(call)).credentialHelpers : [];
  return loadAuth({
    env,
    ...(path === '' ? {} : { paths: [resolve(cwd, path)] }),
    ...(helpers.length === 0 ? {} : { helpers }),
    ...(docker === '' ? {} : { format: 'docker' }),
    onWarning: (warning) => {
      void environment.stderr(`Warning: ${singleLine(`${warning.file}: ${warning.message}`)}\n`);
    },
  });
}

/** A folder that the user names for Docker: its config.json is then what login writes, in Docker's way. */
function dockerConfig(env: Readonly<Record<string, string | undefined>>): string {
  return env.REGISTRY_AUTH_FILE || !env.DOCKER_CONFIG ? '' : join(env.DOCKER_CONFIG, 'config.json');
}

// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, singleLine } from '@lading/command-line';
import { type CredentialStore, loadAuth } from '@lading/config';

/** Where logins are kept: by `--authfile`, REGISTRY_AUTH_FILE, or in the usual file. */
export function loginPlace({ flags, environment }: CommandCall): CredentialStore {
  const file = flags.string('authfile') || undefined;
  return loadAuth({
    env: environment.env,
    ...(file === undefined ? {} : { paths: [resolve(environment.cwd, file)] }),
    onWarning: (warning) => {
      void environment.stderr(`Warning: ${singleLine(`${warning.file}: ${warning.message}`)}\n`);
    },
  });
}

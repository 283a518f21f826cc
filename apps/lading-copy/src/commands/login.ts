// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, runLogin } from '@lading/command-line';
import { parseRegistry } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { loginOptions } from '../login-options.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const options = await loginOptions(call);
  const [text] = args;
  if (text !== undefined && args.length === 1 && !flags.boolean('get-login')) {
    const known = await options.store.get(parseRegistry(text).key, { signal: options.signal });
    if (known !== undefined && 'identityToken' in known) {
      throw new LadingError(
        Code.FailedPrecondition,
        'currently logged in, auth file contains an Identity token',
      );
    }
  }
  // The place as the user wrote it, if the user did.
  const given = flags.string('authfile') || flags.string('compat-auth-file') || '';
  const showPlace = (place: string): string => (resolve(environment.cwd, given) === place ? given : place);
  return runLogin(call, { ...options, showPlace });
}

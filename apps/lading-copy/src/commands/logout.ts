// SPDX-License-Identifier: Apache-2.0
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, runLogout } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { loginOptions } from '../login-options.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  for (const name of ['authfile', 'compat-auth-file']) {
    await checkFile(resolve(environment.cwd, flags.string(name) || '.'));
  }
  return runLogout(call, await loginOptions(call));
}

/** A file that is named must be there: nothing was logged out of a file that was mistyped. */
async function checkFile(path: string): Promise<void> {
  try {
    await access(path);
  } catch (cause) {
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `credential file is not accessible: ${path}: ${reason ?? message}`, {
      cause,
    });
  }
}

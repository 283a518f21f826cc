// SPDX-License-Identifier: Apache-2.0
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { parseRegistry } from '@lading/config';
import { LadingError } from '@lading/errors';
import { loginPlace } from '../login-place.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const signal = signalOf(call);
  for (const name of ['authfile', 'compat-auth-file']) {
    await checkFile(resolve(environment.cwd, flags.string(name) || '.'));
  }
  const store = await loginPlace(call);
  if (flags.boolean('all')) {
    if (args.length > 0) throw usageError('--all takes no arguments');
    await store.removeAll({ signal });
    await environment.stdout('Removed login credentials for all registries\n');
    return 0;
  }
  if (args.length === 0) throw usageError('please provide a registry to log out from');
  if (args.length > 1) throw usageError('logout accepts only one registry to log out from');
  const registry = parseRegistry(args[0] ?? '');
  if (await store.remove(registry.key, { signal })) {
    await environment.stdout(`Removed login credentials for ${registry.key}\n`);
    return 0;
  }
  // With the client of registries, which it seldom takes to log out.
  const { isAccepted, notLoggedIn } = await import('./login.ts');
  const known = await store.get(registry.key, { signal });
  if (known === undefined || !(await isAccepted(call, registry, known))) throw notLoggedIn(registry.key);
  await environment.stdout(
    `Not logged into ${registry.key} with current tool. Existing credentials were established via docker login. Please use docker logout instead.\n`,
  );
  return 0;
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

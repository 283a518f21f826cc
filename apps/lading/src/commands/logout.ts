// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { parseRegistry } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { loginPlace } from '../options/login-place.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const { signal, stdout } = environment;
  const store = loginPlace(call);
  if (flags.boolean('all')) {
    if (args.length > 0) throw usageError('--all takes no arguments');
    await store.removeAll({ signal });
    await stdout('Removed login credentials for all registries\n');
    return 0;
  }
  if (args.length === 0) throw usageError('please provide a registry to log out from');
  const { key } = parseRegistry(args[0] ?? '');
  if (!(await store.remove(key, { signal }))) throw new LadingError(Code.NotFound, `not logged into ${key}`);
  await stdout(`Removed login credentials for ${key}\n`);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { authStore } from '../registry-context.ts';
import { signalOf } from '../retry.ts';
import { notLoggedIn } from './login.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [registry] = args;
  const signal = signalOf(call);
  const store = authStore(call);
  if (flags.boolean('all')) {
    if (registry !== undefined) throw usageError('--all takes no arguments');
    await store.removeAll({ signal });
    await environment.stdout('Removed login credentials for all registries\n');
    return 0;
  }
  if (registry === undefined) throw usageError('name a registry, or all with --all');
  if (!(await store.remove(registry, { signal }))) throw notLoggedIn(registry);
  await environment.stdout(`Removed login credentials for ${registry}\n`);
  return 0;
}

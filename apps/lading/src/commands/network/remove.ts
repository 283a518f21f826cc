// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { networkDirectory } from '../../container/default-network.ts';
import { withEngine } from '../../engine.ts';
import { findNetwork, listNetworks, type NamedNetwork, usersOf } from '../../network/networks.ts';
import { confirm } from '../../output/confirm.ts';
import { forEachName } from '../../output/for-each.ts';
import { type PruneFilter, parsePruneFilter } from '../../prune/prune-filter.ts';

const exitCodes = { [Code.NotFound]: 1, [Code.FailedPrecondition]: 2 };

export async function run(call: CommandCall): Promise<number> {
  const force = call.flags.boolean('force');
  if (call.flags.given('time') && !force)
    throw usageError('--force option must be specified to use the --time option');
  const options = { force: true, ignoreMissing: true, timeoutMs: (call.flags.int('time') ?? 10) * 1000 };
  return withEngine(call, async (engine) => {
    const networks = await listNetworks(call);
    const remove = async (ref: string): Promise<string> => {
      const network = findNetwork(networks, ref);
      const isDefault = network === networks[0];
      if (isDefault) throw usageError(`default network ${network.name} cannot be removed`);
      const users = usersOf(network, await engine.containers.list({ all: true }), isDefault);
      if (users.length > 0 && !force) {
        throw new LadingError(
          Code.FailedPrecondition,
          `"${network.name}" has associated containers with it. Use -f to forcibly delete containers and pods: network is being used`,
        );
      }
      for (const { id } of users) await engine.containers.remove(id, options);
      await removeNetwork(call, network);
      return ref;
    };
    return forEachName(call, call.args, remove, { exitCodes, ...(force && { ignore: [Code.NotFound] }) });
  });
}

export async function runPrune(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const filter = parsePruneFilter(flags.strings('filter'));
  const warning = 'WARNING! This will remove all networks not used by at least one container.';
  if (!flags.boolean('force') && !(await confirm(environment, warning))) return 0;
  return withEngine(call, async (engine: Engine) => {
    for (const name of await pruneNetworks(call, engine, filter)) await environment.stdout(`${name}\n`);
    return 0;
  });
}

/** Removes those that no container has, but for the default one; gives their names. */
export async function pruneNetworks(
  call: CommandCall,
  engine: Engine,
  { createdBefore, matches }: PruneFilter,
): Promise<readonly string[]> {
  const containers = await engine.containers.list({ all: true });
  const [, ...networks] = await listNetworks(call);
  const idle = networks.filter(
    (network) =>
      usersOf(network, containers, false).length === 0 &&
      matches(network.labels) &&
      (createdBefore === undefined || new Date(network.created) < createdBefore),
  );
  for (const network of idle) await removeNetwork(call, network);
  return idle.map(({ name }) => name);
}

/** The file, and the bridge that the plugin leaves on the host. */
async function removeNetwork(
  call: CommandCall,
  { file, driver, interfaceName }: NamedNetwork,
): Promise<void> {
  await rm(join(networkDirectory(call), file), { force: true });
  if (driver !== 'bridge' || !/^lading\d+$/.test(interfaceName)) return;
  const { deleteLink } = await import('../../network/delete-link.ts');
  await deleteLink(interfaceName);
}

// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { quote } from '@lading/go-template';
import { ensureDefaultNetwork, networkDirectory, writeNetwork } from '../../container/default-network.ts';
import { listNetworks } from '../../network/networks.ts';
import { newNetwork } from '../../network/new-network.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [name = `lading-${randomBytes(4).toString('hex')}`] = args;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(name)) {
    throw usageError(`network name ${quote(name)} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*`);
  }
  if (['bridge', 'default', 'host', 'none', 'private', 'container', 'ns', 'pod'].includes(name)) {
    throw usageError(
      `cannot create network with name ${quote(name)} because it conflicts with a valid network mode`,
    );
  }
  const before = await listNetworks(call);
  if (before.some((network) => network.name === name)) {
    if (!flags.boolean('ignore')) {
      throw new LadingError(Code.AlreadyExists, `network name ${name} already used: network already exists`);
    }
    await environment.stdout(`${name}\n`);
    return 0;
  }
  // The first file of the folder is the default: that must not become this one.
  await ensureDefaultNetwork(call);
  const list = newNetwork(name, flags, await listNetworks(call));
  await writeNetwork(networkDirectory(call), `zz-${name}.conflist`, list);
  await environment.stdout(`${name}\n`);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { withEngine } from '../../engine.ts';
import { findNetwork, listNetworks } from '../../network/networks.ts';
import { parseNetwork } from '../../options/networks.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const [ref = '', container = ''] = args;
  const { name } = findNetwork(await listNetworks(call), ref);
  const options = [
    ...['ip', 'ip6'].map((key) => [key, flags.string(key) ?? '']),
    ['mac', flags.string('mac-address') ?? ''],
    ...flags.strings('alias').map((alias) => ['alias', alias]),
  ].flatMap(([key, value]) => (value === '' ? [] : [`${key}=${value}`]));
  const choice = parseNetwork(options.length === 0 ? name : `${name}:${options.join(',')}`);
  await withEngine(call, (engine) => engine.containers.connect(container, choice));
  return 0;
}

export async function runDisconnect(call: CommandCall): Promise<number> {
  const [ref = '', container = ''] = call.args;
  const { name } = findNetwork(await listNetworks(call), ref);
  await withEngine(call, async (engine) => engine.containers.disconnect(container, name));
  return 0;
}

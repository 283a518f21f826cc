// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { listNetworks } from '../../network/networks.ts';

export async function run(call: CommandCall): Promise<number> {
  const [ref = ''] = call.args;
  return (await listNetworks(call)).some(({ name, id }) => name === ref || id === ref) ? 0 : 1;
}

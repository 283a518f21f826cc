// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';

/** Where the engine looks when no flag says otherwise. */
const usualDirectory = '/etc/cni/net.d';

/** Makes the network `lading` when the folder of networks has none, so that the first `run` just works. */
export async function ensureDefaultNetwork({ flags }: CommandCall): Promise<void> {
  const directory = flags.string('network-config-dir') || usualDirectory;
  if (await hasConfiguration(directory)) return;
  await mkdir(directory, { recursive: true });
  const file = join(directory, '87-lading.conflist');
  const temporary = join(directory, `.lading-${randomUUID()}`);
  const { bridgeNetworkConfig } = await import('@lading/cni');
  const network = bridgeNetworkConfig({ name: 'lading', bridge: 'lading0', subnet: freeSubnet() });
  await writeFile(temporary, `${JSON.stringify(network, undefined, 2)}\n`, { flag: 'wx' });
  await rename(temporary, file);
}

async function hasConfiguration(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).some((name) => /\.(conf|conflist|json)$/.test(name));
  } catch (reason) {
    if (hasCode(LadingError.from(reason), Code.NotFound)) return false;
    throw reason;
  }
}

/** The first of 10.89.0.0/24 … 10.89.255.0/24 in which this machine has no address. */
function freeSubnet(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (let third = 0; third < 256; third++) {
    const prefix = `10.89.${third}.`;
    if (!addresses.some(({ address }) => address.startsWith(prefix))) return `${prefix}0/24`;
  }
  throw new LadingError(
    Code.ResourceExhausted,
    'no free subnet in 10.89.0.0/16 for the default network: write a CNI configuration or use --network=none',
  );
}

// SPDX-License-Identifier: Apache-2.0
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';

/** Where the engine looks when no flag says otherwise. */
const usualDirectory = '/etc/cni/net.d';

/** The folder of CNI configurations. */
export function networkDirectory({ flags }: CommandCall): string {
  return flags.string('network-config-dir') || usualDirectory;
}

/** Makes the network `lading` when the folder of networks has none, so that the first `run` just works. */
export async function ensureDefaultNetwork(call: CommandCall): Promise<void> {
  const directory = networkDirectory(call);
  if (await hasConfiguration(directory)) return;
  const { bridgeNetworkConfig } = await import('@lading/cni');
  const network = bridgeNetworkConfig({ name: 'lading', bridge: 'lading0', subnet: freeSubnet([]) });
  await writeNetwork(directory, '87-lading.conflist', network);
}

/** Writes a configuration so that nobody sees a part of it. */
export async function writeNetwork(directory: string, name: string, network: object): Promise<void> {
  const [{ makeFolders }, { removeAbandoned, temporaryPath }] = await Promise.all([
    import('@lading/linux'),
    import('@lading/registry-client/layout'),
  ]);
  makeFolders(directory, 0o755);
  await removeAbandoned(directory);
  const temporary = temporaryPath(directory);
  try {
    await writeFile(temporary, `${JSON.stringify(network, undefined, 2)}\n`, { flag: 'wx' });
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function hasConfiguration(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).some((name) => /\.(conf|conflist|json)$/.test(name));
  } catch (reason) {
    if (hasCode(LadingError.from(reason), Code.NotFound)) return false;
    throw reason;
  }
}

/** The first of 10.89.0.0/24 … 10.89.255.0/24 in which this machine has no address, and that is not taken. */
export function freeSubnet(taken: readonly string[]): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (let third = 0; third < 256; third++) {
    const prefix = `10.89.${third}.`;
    const all = [...addresses.map(({ address }) => address), ...taken];
    if (!all.some((address) => address.startsWith(prefix))) return `${prefix}0/24`;
  }
  throw new LadingError(
    Code.ResourceExhausted,
    'no free subnet in 10.89.0.0/16 for the default network: write a CNI configuration or use --network=none',
  );
}

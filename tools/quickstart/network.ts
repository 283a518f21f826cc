// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bridgeNetworkConfig } from '@lading/cni';
import { deleteInterface } from './interface.ts';

/** A CNI network that exists for one run. */
export interface TemporaryNetwork extends AsyncDisposable {
  readonly configDir: string;
}

/** Writes the configuration of a bridge network with a name and leases of its own; at the end the bridge is deleted. */
export async function writeNetwork(root: string): Promise<TemporaryNetwork> {
  const configDir = join(root, 'net.d');
  const bridge = `ldg${randomBytes(4).toString('hex')}`;
  const config = bridgeNetworkConfig({
    name: bridge,
    bridge,
    subnet: '10.87.200.0/24',
    dataDir: join(root, 'leases'),
  });
  await mkdir(configDir);
  await writeFile(join(configDir, '10-quickstart.conflist'), `${JSON.stringify(config, null, 2)}\n`);
  return {
    configDir,
    async [Symbol.asyncDispose]() {
      if (existsSync(`/sys/class/net/${bridge}`)) await deleteInterface(bridge);
    },
  };
}

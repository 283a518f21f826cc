// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A folder with the configuration of a bridge, for both sides alike; the bridge is gone in the end. */
export async function makeNetwork(folder: string): Promise<{ readonly folder: string } & AsyncDisposable> {
  const networks = join(folder, 'networks');
  await mkdir(networks);
  const bridge = `ldb${process.pid % 1_000_000}`;
  const list = {
    cniVersion: '0.4.0',
    name: 'podman', // the name of podman's default network
    plugins: [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        ipMasq: true,
        ipam: {
          type: 'host-local',
          dataDir: join(folder, 'leases'),
          ranges: [[{ subnet: '10.86.79.0/24' }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  await writeFile(join(networks, '87-podman.conflist'), JSON.stringify(list));
  return {
    folder: networks,
    async [Symbol.asyncDispose]() {
      if (existsSync(`/sys/class/net/${bridge}`)) await promisify(execFile)('ip', ['link', 'delete', bridge]);
    },
  };
}

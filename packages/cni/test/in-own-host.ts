// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pinNetworkNamespace, unpinNamespace } from '@lading/linux';
import { createCni } from '../src/index.ts';
import { realPlugins } from './world.ts';

/** Runs in a network namespace that knows no rules yet: many map ports at once. Prints the rules then. */
const [configDir = '', cacheDir = '', folder = ''] = process.argv.slice(2);
const cni = createCni({ configDir, cacheDir, pluginDirs: [realPlugins] });
const all = Array.from({ length: 6 }, (_, i) => ({
  containerId: `c${i}`,
  netnsPath: join(folder, `inner-${i}`),
  portMappings: [{ hostPort: 8080 + i, containerPort: 80 }],
}));
for (const { netnsPath } of all) pinNetworkNamespace(netnsPath);
try {
  await Promise.all(all.map((request) => cni.attach(request)));
  process.stdout.write(execFileSync('iptables-save', ['-t', 'nat']));
  await Promise.all(all.map((request) => cni.detach(request)));
} finally {
  for (const { netnsPath } of all) unpinNamespace(netnsPath);
}

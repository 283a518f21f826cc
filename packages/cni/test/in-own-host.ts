// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pinNetworkNamespace, unpinNamespace } from '@lading/linux';
import { createCni } from '../src/index.ts';

/**
 * Runs in a network namespace that knows no rules yet: some containers map ports, all at once (`together`) or one after the
 * other. Prints the rules then, and after a line of its own those that are left in the end.
 */
const [configDir = '', cacheDir = '', folder = '', order, pluginDir = ''] = process.argv.slice(2);
// Fakes fail: with them nothing may be left to the programs.
const builtIn = !pluginDir.startsWith('/usr/');
const cni = createCni({ configDir, cacheDir, pluginDirs: [pluginDir], builtIn });
const all = Array.from({ length: 6 }, (_, i) => ({
  containerId: `c${i}`,
  netnsPath: join(folder, `inner-${i}`),
  portMappings: [{ hostPort: 8080 + i, containerPort: 80 }],
}));

async function each(work: (request: (typeof all)[number]) => Promise<unknown>): Promise<void> {
  if (order === 'together') await Promise.all(all.map(work));
  else for (const request of all) await work(request);
}

function printRules(): void {
  for (const table of ['nat', 'filter']) process.stdout.write(execFileSync('iptables-save', ['-t', table]));
}

for (const { netnsPath } of all) pinNetworkNamespace(netnsPath);
try {
  await each((request) => cni.attach(request));
  printRules();
  await each((request) => cni.detach(request));
  process.stdout.write('and then\n');
  printRules();
} finally {
  for (const { netnsPath } of all) unpinNamespace(netnsPath);
}

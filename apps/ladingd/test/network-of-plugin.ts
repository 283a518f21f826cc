// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from './world.ts';

/** Makes a network of the plugin `scripted`, which is a shell script; gives the daemon's flags for it. */
export async function networkOfPlugin({ root }: World, script: string): Promise<readonly string[]> {
  const [configs, plugins] = [join(root, 'scripted.d'), join(root, 'plugins')];
  for (const folder of [configs, plugins]) await mkdir(folder);
  const list = { cniVersion: '0.4.0', name: 'scripted', plugins: [{ type: 'scripted' }] };
  await writeFile(join(configs, '10-scripted.conflist'), JSON.stringify(list));
  const plugin = join(plugins, 'scripted');
  await writeFile(plugin, `#!/bin/sh\ncat >/dev/null\n${script}\n`);
  await chmod(plugin, 0o755);
  return ['--cni-config-dir', configs, '--cni-plugin-dir', plugins];
}

/** A script that does these at commands of CNI. */
export function atCommands(parts: Readonly<Partial<Record<'ADD' | 'DEL', string>>>): string {
  const version = `echo '{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}'`;
  const cases = Object.entries({ ...parts, VERSION: version }).map(
    ([command, part]) => `${command})\n${part} ;;`,
  );
  return ['case $CNI_COMMAND in', ...cases, 'esac'].join('\n');
}

/** Waits for a file. */
export const waitFor = (file: string): string => `until [ -e ${file} ]; do sleep 0.02; done`;

/** Says to ADD that there is an address. */
export const giveAddress = `echo '{"cniVersion":"0.4.0","ips":[{"version":"4","address":"10.86.7.7/24"}]}'`;

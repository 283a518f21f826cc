// SPDX-License-Identifier: Apache-2.0
import type { CommandCall, FlagSpec } from '@lading/command-line';
import { loadConfig } from '../config/load-config.ts';
import { configFile, configFolder, type Settings } from '../config/settings.ts';

/** The flags that say where the configuration is. */
export const configFlags: readonly FlagSpec[] = [
  {
    name: 'config',
    short: 'c',
    kind: 'string',
    placeholder: 'file',
    help: `Configuration file (default ${configFile})`,
  },
  {
    name: 'config-dir',
    short: 'd',
    kind: 'string',
    placeholder: 'folder',
    help: `Folder of further files, later ones win (default ${configFolder})`,
  },
];

/** The flags that say where images, containers and pods are. */
export const folderFlags: readonly FlagSpec[] = [
  {
    name: 'root',
    short: 'r',
    kind: 'string',
    placeholder: 'folder',
    help: 'Folder of images and containers',
  },
  {
    name: 'runroot',
    kind: 'string',
    placeholder: 'folder',
    help: 'Folder of what does not outlive a boot',
  },
];

/** The settings of the files that the flags name; what has no effect is warned about. */
export async function configured({ flags, environment }: CommandCall): Promise<Settings> {
  const file = flags.string('config');
  const folder = flags.string('config-dir');
  return loadConfig({
    ...(file === undefined ? {} : { file }),
    ...(folder === undefined ? {} : { folder }),
    onUnknown: ({ key, line, nearest }, where) => {
      const place = line === undefined ? where : `${where}:${line}`;
      const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
      void environment.stderr(`Warning: ${place}: ${key} is not known and has no effect${hint}\n`);
    },
  });
}

// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { CommandCall } from '@lading/command-line';
import { loadConfig } from './config/load-config.ts';
import type { Settings } from './config/settings.ts';
import { startDaemon } from './daemon.ts';
import { version } from './version.ts';

/** Serves until the program is asked to end. */
export async function run({ flags, environment }: CommandCall): Promise<number> {
  const file = flags.string('config');
  const folder = flags.string('config-dir');
  const configured = await loadConfig({
    ...(file === undefined ? {} : { file }),
    ...(folder === undefined ? {} : { folder }),
    onUnknown: (key, where) =>
      void environment.stderr(`Warning: ${where}: ${key} is not known and has no effect\n`),
  });
  const daemon = await startDaemon({ ...configured, ...settingsOf(flags) }, version, {
    onWarning: (message) => void environment.stderr(`Warning: ${message}\n`),
  });
  if (daemon.metricsAddress !== undefined) await environment.stderr(`metrics on ${daemon.metricsAddress}\n`);
  await environment.stdout(`listening on ${daemon.address}\n`);
  if (!environment.signal.aborted) await once(environment.signal, 'abort');
  await daemon.close();
  return 0;
}

function settingsOf(flags: CommandCall['flags']): Settings {
  const texts = {
    listen: 'listen',
    graphRoot: 'root',
    runRoot: 'runroot',
    conmonPath: 'conmon',
    defaultRuntime: 'default-runtime',
    networkConfigDir: 'cni-config-dir',
    defaultNetwork: 'cni-default-network',
  } as const;
  const lists = { networkPluginDirs: 'cni-plugin-dir', insecureRegistries: 'insecure-registry' } as const;
  return {
    ...Object.fromEntries(
      Object.entries(texts).flatMap(([key, flag]) => (flags.given(flag) ? [[key, flags.string(flag)]] : [])),
    ),
    ...Object.fromEntries(
      Object.entries(lists).flatMap(([key, flag]) => (flags.given(flag) ? [[key, flags.strings(flag)]] : [])),
    ),
  };
}

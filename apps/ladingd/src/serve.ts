// SPDX-License-Identifier: Apache-2.0
import type { CommandCall, Environment } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { configured } from './commands/config-flags.ts';
import type { Settings } from './config/settings.ts';
import { startDaemon } from './daemon.ts';
import { openServiceManager } from './service-manager.ts';
import { version } from './version.ts';

/** Serves until the program is asked to end. */
export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const onWarning = (message: string): void => void environment.stderr(`Warning: ${message}\n`);
  using manager = openServiceManager({ env: environment.env, onWarning });
  const settings = { ...(await configured(call)), ...settingsOf(flags) };
  const daemon = await startDaemon(settings, version, { onWarning });
  if (daemon.metricsAddress !== undefined) await environment.stderr(`metrics on ${daemon.metricsAddress}\n`);
  await environment.stdout(`listening on ${daemon.address}\n`);
  manager.ready();
  await untilAskedToEnd(environment, async () => {
    manager.reloading();
    try {
      const needStart = await daemon.reload({ ...(await configured(call)), ...settingsOf(flags) });
      const rest = needStart.length === 0 ? '' : `; these need a new start: ${needStart.join(', ')}`;
      await environment.stderr(`configuration reloaded${rest}\n`);
    } finally {
      manager.ready();
    }
  });
  manager.stopping();
  await daemon.close();
  return 0;
}

/** SIGHUP reloads; a configuration that is wrong leaves the one that holds. */
async function untilAskedToEnd(
  { onSignal, signal, stderr }: Environment,
  reload: () => Promise<void>,
): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  let last = Promise.resolve();
  const ignore = onSignal?.((name) => {
    if (name === 'SIGINT' || name === 'SIGTERM') resolve();
    if (name !== 'SIGHUP') return;
    // One after the other: the newest files are to win.
    last = last.then(reload).catch((error: unknown) => {
      void stderr(`Warning: the configuration is not reloaded: ${LadingError.from(error).message}\n`);
    });
  });
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  ignore?.();
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

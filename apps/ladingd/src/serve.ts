// SPDX-License-Identifier: Apache-2.0
import type { CommandCall, Environment } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { configured } from './commands/config-flags.ts';
import type { Settings } from './config/settings.ts';
import { startDaemon } from './daemon.ts';
import { checkLog, createLog } from './log.ts';
import { openServiceManager } from './service-manager.ts';
import { version } from './version.ts';

/** Serves until the program is asked to end. */
export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  let live: Settings = {};
  const log = createLog(
    (line) => void environment.stderr(line),
    () => live,
  );
  const onWarning = (message: string): void => log('warn', message);
  using manager = openServiceManager({ env: environment.env, onWarning });
  const settings = { ...(await configured(call)), ...settingsOf(flags) };
  checkLog(settings);
  live = settings;
  const onCall = (message: string): void => log('debug', message);
  const daemon = await startDaemon(settings, version, { onWarning, onCall });
  if (daemon.metricsAddress !== undefined) log('info', `metrics on ${daemon.metricsAddress}`);
  await environment.stdout(`listening on ${daemon.address}\n`);
  manager.ready();
  const reload = async (): Promise<void> => {
    manager.reloading();
    try {
      const next = { ...(await configured(call)), ...settingsOf(flags) };
      const needStart = await daemon.reload(next);
      live = next;
      const rest = needStart.length === 0 ? '' : `; these need a new start: ${needStart.join(', ')}`;
      log('info', `configuration reloaded${rest}`);
    } catch (error) {
      log('warn', `the configuration is not reloaded: ${LadingError.from(error).message}`);
    } finally {
      manager.ready();
    }
  };
  await untilAskedToEnd(environment, reload);
  manager.stopping();
  await daemon.close();
  return 0;
}

/** SIGHUP reloads; a configuration that is wrong leaves the one that holds. */
async function untilAskedToEnd(
  { onSignal, signal }: Environment,
  reload: () => Promise<void>,
): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  let last = Promise.resolve();
  const ignore = onSignal?.((name) => {
    if (name === 'SIGINT' || name === 'SIGTERM') resolve();
    if (name !== 'SIGHUP') return;
    // One after the other: the newest files are to win.
    last = last.then(reload);
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
    logLevel: 'log-level',
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

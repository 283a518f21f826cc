// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { formatConfig } from '../config/format-config.ts';
import { defaultAllowedDevices, defaultHooksDirs, defaultListen, type Settings } from '../config/settings.ts';
import { configured } from './config-flags.ts';

/** What holds where no file says otherwise, and is the same on every machine. */
const defaults: Settings = {
  listen: defaultListen,
  defaultRuntime: 'runc',
  runtimes: { runc: 'runc' },
  conmonPath: 'conmon',
  cdiSpecDirs: ['/etc/cdi', '/var/run/cdi'],
  hooksDirs: defaultHooksDirs,
  allowedDevices: defaultAllowedDevices,
  insecureRegistries: [],
  networkConfigDir: '/etc/cni/net.d',
  networkPluginDirs: ['/opt/cni/bin', '/usr/lib/cni'],
  networkBuiltIn: true,
  metrics: false,
  metricsHost: '127.0.0.1',
  metricsPort: 9090,
};

/** Prints the configuration that a daemon started now would have, or the default one. */
export async function run(call: CommandCall): Promise<number> {
  const given = call.flags.boolean('default') ? {} : await configured(call);
  const runtimes = given.runtimes ?? defaults.runtimes ?? {};
  const [first = 'runc'] = Object.keys(runtimes);
  await call.environment.stdout(formatConfig({ ...defaults, defaultRuntime: first, ...given }));
  return 0;
}

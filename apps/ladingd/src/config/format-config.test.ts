// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { formatConfig } from './format-config.ts';
import { parseConfig } from './parse-config.ts';
import type { Settings } from './settings.ts';

it.each<Settings>([
  {},
  { listen: '/run/x.sock', graphRoot: '/r', networkPluginDirs: ['/a', '/b "c"'] },
  { runtimes: { runc: '/usr/sbin/runc', 'my-own': '/opt/own' }, defaultRuntime: 'my-own' },
  {
    runtimes: { runc: 'runc' },
    monitorEnv: { runc: ['A=1'] },
    createTimeouts: { runc: 60 },
    allowedAnnotations: { runc: [] },
  },
  { metrics: true, metricsPort: 9091, metricsHost: '127.0.0.1' },
])('%j is read as it was written', (settings) => {
  const { settings: again, unknown } = parseConfig(formatConfig(settings), 'x.conf');
  expect(again).toEqual(settings);
  expect(unknown).toEqual([]);
});

// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { arch, cpus, freemem, hostname, release, totalmem } from 'node:os';
import type { CommandCall } from '@lading/command-line';
import { renderTemplate, toJson } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { isRunning } from '../output/names.ts';
import { version } from '../version.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const [containers, images] = await withEngine(call, async (engine) => [
    await engine.containers.list({ all: true }),
    await engine.images.list(),
  ]);
  const { loadStorage } = await import('@lading/config');
  const storage = await loadStorage({ env: environment.env });
  const running = containers.filter(isRunning).length;
  const value = {
    Host: {
      Arch: arch() === 'x64' ? 'amd64' : arch(),
      CgroupVersion: await cgroupVersion(),
      CPUs: cpus().length,
      Hostname: hostname(),
      Kernel: release(),
      MemFree: freemem(),
      MemTotal: totalmem(),
      OCIRuntime: { Name: flags.string('runtime') ?? 'runc' },
      OS: 'linux',
    },
    Store: {
      ContainerStore: { Number: containers.length, Running: running, Stopped: containers.length - running },
      GraphDriverName: 'overlay',
      GraphRoot: flags.string('root') || storage.graphRoot,
      ImageStore: { Number: images.length },
      RunRoot: flags.string('runroot') || storage.runRoot,
    },
    Version: { Version: version, NodeVersion: process.version },
  };
  const format = flags.string('format') ?? '';
  if (format === 'json') await environment.stdout(`${toJson(lowerFirst(value), 2)}\n`);
  else if (format !== '') await environment.stdout(`${renderTemplate(format, value, { name: 'info' })}\n`);
  else await environment.stdout(yaml(lowerFirst(value)));
  return 0;
}

async function cgroupVersion(): Promise<string> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return /^\S+ \S+ \S+ \S+ \/sys\/fs\/cgroup .* - cgroup2 /m.test(mounts) ? 'v2' : 'v1';
}

/** Field names as in podman's output: a Go name in templates, its JSON name elsewhere. */
function lowerFirst(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name = /^[A-Z]{2}/.test(key)
        ? key.replace(/^[A-Z]+(?=[A-Z]|s?$)/, (all) => all.toLowerCase())
        : key;
      return [name.charAt(0).toLowerCase() + name.slice(1), lowerFirst(item)];
    }),
  );
}

function yaml(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, item]) =>
      typeof item === 'object' && item !== null
        ? `${indent}${key}:\n${yaml(item, `${indent}  `)}`
        : `${indent}${key}: ${String(item)}\n`,
    )
    .join('');
}

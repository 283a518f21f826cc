// SPDX-License-Identifier: Apache-2.0
import { readFile, statfs } from 'node:fs/promises';
import { arch, cpus, freemem, hostname, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { getuid } from 'node:process';
import type { CommandCall } from '@lading/command-line';
import { renderTemplate, toJson } from '@lading/go-template';
import { programPath } from '@lading/linux';
import { withEngine } from '../engine.ts';
import { isRunning } from '../output/names.ts';
import { version } from '../version.ts';

export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const { containers, images, graphRoot, runRoot } = await withEngine(call, async (engine) => ({
    containers: await engine.containers.list({ all: true }),
    images: await engine.images.list(),
    graphRoot: engine.store.graphRoot,
    runRoot: engine.store.runRoot,
  }));
  const running = containers.filter(isRunning).length;
  const paused = containers.filter(({ status }) => status === 'paused').length;
  const runtime = flags.string('runtime') || 'runc';
  const disk = await statfs(graphRoot);
  const value = {
    Host: {
      Arch: arch() === 'x64' ? 'amd64' : arch(),
      CgroupManager: 'cgroupfs',
      CgroupVersion: await cgroupVersion(),
      Conmon: { Path: programPath(flags.string('conmon') || 'conmon') ?? '' },
      CPUs: cpus().length,
      Distribution: await distribution(),
      EventLogger: 'file',
      Hostname: hostname(),
      Kernel: release(),
      LogDriver: 'k8s-file',
      MemFree: freemem(),
      MemTotal: totalmem(),
      NetworkBackend: 'cni',
      OCIRuntime: { Name: basename(runtime), Path: programPath(runtime) ?? '' },
      OS: 'linux',
      Security: { Rootless: getuid?.() !== 0 },
      ServiceIsRemote: false,
      ...(await swap()),
    },
    Store: {
      ContainerStore: {
        Number: containers.length,
        Paused: paused,
        Running: running - paused,
        Stopped: containers.length - running,
      },
      GraphDriverName: 'overlay',
      GraphRoot: graphRoot,
      GraphRootAllocated: disk.blocks * disk.bsize,
      GraphRootUsed: (disk.blocks - disk.bfree) * disk.bsize,
      ImageStore: { Number: images.length },
      RunRoot: runRoot,
      VolumePath: join(graphRoot, 'lading/volumes'),
    },
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'macvlan', 'ipvlan'],
      Log: ['k8s-file', 'none', 'passthrough', 'journald'],
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

/** Of the file that describes the system; what it does not say is not known. */
async function distribution(): Promise<{ readonly Distribution: string; readonly Version: string }> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const value = (key: string): string => new RegExp(`^${key}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? 'unknown';
  return { Distribution: value('ID'), Version: value('VERSION_ID') };
}

async function swap(): Promise<{ readonly SwapFree: number; readonly SwapTotal: number }> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const bytes = (key: string): number =>
    Number(new RegExp(`^${key}: *(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { SwapFree: bytes('SwapFree'), SwapTotal: bytes('SwapTotal') };
}

/** Field names as in podman's output: a Go name in templates, its JSON name elsewhere. */
function lowerFirst(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
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
        ? `${indent}${key}:\n${Array.isArray(item) ? item.map((each) => `${indent}- ${each}\n`).join('') : yaml(item, `${indent}  `)}`
        : `${indent}${key}: ${String(item)}\n`,
    )
    .join('');
}

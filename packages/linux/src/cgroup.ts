// SPDX-License-Identifier: Apache-2.0
import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { readIfThere } from './read-if-there.ts';

const cgroupRoot = '/sys/fs/cgroup';

/** 2 when the unified hierarchy alone is mounted, 1 for version 1 and for the hybrid of both. */
export async function cgroupVersion(root: string = cgroupRoot): Promise<1 | 2> {
  return readIfThere(join(root, 'cgroup.controllers')) === undefined ? 1 : 2;
}

/** Folders of a process's control groups by controller; with version 2 the one folder is under `unified`. */
export type CgroupPaths = Readonly<Record<string, string>>;

/** Where a process is, from /proc/PID/cgroup. */
export async function cgroupPathsOf(pid: number, root: string = cgroupRoot): Promise<CgroupPaths> {
  return parseCgroupPaths(await readFile(`/proc/${pid}/cgroup`, 'utf8'), root, await cgroupVersion(root));
}

export function parseCgroupPaths(text: string, root: string, version: 1 | 2): CgroupPaths {
  const paths: Record<string, string> = Object.create(null);
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    if (controllers === '') paths.unified = join(root, version === 2 ? '' : 'unified', path);
    for (const name of controllers.split(','))
      if (name !== '') paths[name.replace('name=', '')] = join(root, name.replace('name=', ''), path);
  }
  return paths;
}

/** Counters of a control group; a controller that is missing leaves its numbers 0. */
export interface CgroupStats {
  readonly cpuUsageNs: number;
  readonly memoryUsageBytes: number;
  /** Usage less the file cache that the kernel would drop first. */
  readonly memoryWorkingSetBytes: number;
  /** Left out when there is no limit. */
  readonly memoryLimitBytes?: number;
  readonly processes: number;
}

/** Reads the counters of version 1 or version 2 files, whichever the paths lead to. */
export async function readCgroupStats(paths: CgroupPaths): Promise<CgroupStats> {
  const isUnified =
    paths.unified !== undefined && (await readOptional(join(paths.unified, 'memory.current'))) !== undefined;
  return isUnified ? readVersion2(paths.unified ?? '') : readVersion1(paths);
}

async function readVersion2(folder: string): Promise<CgroupStats> {
  const [cpu, usage, memory, limit, processes] = await Promise.all(
    ['cpu.stat', 'memory.current', 'memory.stat', 'memory.max', 'pids.current'].map((name) =>
      readOptional(join(folder, name)),
    ),
  );
  return stats(
    keyed(cpu, 'usage_usec') * 1000,
    number(usage),
    keyed(memory, 'inactive_file'),
    number(limit, Number.POSITIVE_INFINITY),
    number(processes),
  );
}

async function readVersion1(paths: CgroupPaths): Promise<CgroupStats> {
  const file = (controller: string, name: string): Promise<string | undefined> =>
    paths[controller] === undefined
      ? Promise.resolve(undefined)
      : readOptional(join(paths[controller], name));
  const [cpu, usage, memory, limit, processes] = await Promise.all([
    file('cpuacct', 'cpuacct.usage'),
    file('memory', 'memory.usage_in_bytes'),
    file('memory', 'memory.stat'),
    file('memory', 'memory.limit_in_bytes'),
    file('pids', 'pids.current'),
  ]);
  return stats(
    number(cpu),
    number(usage),
    keyed(memory, 'total_inactive_file'),
    number(limit, Number.POSITIVE_INFINITY),
    number(processes),
  );
}

/** Version 1 writes "no limit" as the largest multiple of a page below 2^63. */
const noLimit = 2 ** 60;

function stats(
  cpuUsageNs: number,
  usage: number,
  inactiveFile: number,
  limit: number,
  processes: number,
): CgroupStats {
  return {
    cpuUsageNs,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(0, usage - inactiveFile),
    ...(limit < noLimit ? { memoryLimitBytes: limit } : {}),
    processes,
  };
}

function number(text: string | undefined, fallback = 0): number {
  const value = Number(text?.trim() || Number.NaN);
  return Number.isNaN(value) ? fallback : value;
}

function keyed(text: string | undefined, key: string): number {
  return number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text ?? '')?.[1]);
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(LadingError.from(error), Code.NotFound)) return undefined;
    throw error;
  }
}

/** Controllers that a monitor's group is made in with version 1. */
const version1Controllers = ['cpu', 'cpuacct', 'memory', 'pids'] as const;

/** Makes a control group (in each controller with version 1) and gives its folders. */
export async function makeCgroup(path: string, root: string = cgroupRoot): Promise<readonly string[]> {
  if (path.split('/').includes('..')) {
    throw new LadingError(
      Code.InvalidArgument,
      `the control group ${JSON.stringify(path)} leads out of the hierarchy`,
    );
  }
  const bases =
    (await cgroupVersion(root)) === 2
      ? [root]
      : await present(version1Controllers.map((name) => join(root, name)));
  const folders = bases.map((base) => join(base, path));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  return folders;
}

export async function moveToCgroup(folders: readonly string[], pid: number): Promise<void> {
  for (const folder of folders) await writeFile(join(folder, 'cgroup.procs'), String(pid));
}

/** Removes groups that have no process left. Those that are gone already are no error. */
export async function removeCgroup(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (!hasCode(LadingError.from(error), Code.NotFound)) throw LadingError.from(error);
    }
  }
}

async function present(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_path, i) => found[i]);
}

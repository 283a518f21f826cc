// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);

/** Mounts below a folder, deepest last; the store's own bind mount of its driver folder is no leftover. */
function mountsBelow(root: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((target) => target.startsWith(`${root}/`) && !target.endsWith('/graph/overlay'));
}

/** Monitors with the folder in their command line, and processes whose root directory lies below it. */
function processesBelow(root: string): readonly number[] {
  return globSync('/proc/[0-9]*')
    .filter((path) => {
      try {
        const words = readFileSync(`${path}/cmdline`, 'utf8');
        const isMonitor = basename(words.split('\0')[0] ?? '') === 'conmon' && words.includes(root);
        return isMonitor || readlinkSync(`${path}/root`).startsWith(root);
      } catch {
        return false; // it has ended since it was listed, or is one of the kernel's
      }
    })
    .map((path) => Number(basename(path)));
}

function cgroupsOf(parent: string): readonly string[] {
  const tops = ['/sys/fs/cgroup', ...globSync('/sys/fs/cgroup/*')];
  return tops
    .map((top) => join(top, parent))
    .filter((path) => existsSync(join(path, 'cgroup.procs')))
    .flatMap((path) => [...globSync(`${path}/*/`), path]);
}

/** What containers and pods have left on the machine, each thing as a line of text. */
export function leftoversOf(root: string, cgroupParent: string): readonly string[] {
  const leases = globSync(join(root, 'leases/*/[0-9]*'));
  return [
    ...mountsBelow(root).map((target) => `mount ${target}`),
    ...processesBelow(root).map((pid) => `process ${pid}`),
    ...cgroupsOf(cgroupParent)
      .filter((path) => !path.endsWith(cgroupParent))
      .map((path) => `cgroup ${path}`),
    ...leases.map((path) => `lease ${path}`),
  ];
}

/** Takes away by force whatever a test that failed has left. */
export async function sweep(root: string, cgroupParent: string, bridge: string): Promise<void> {
  for (const pid of processesBelow(root)) kill(pid);
  await until(() => processesBelow(root).length === 0);
  const driver = join(root, 'graph/overlay');
  const targets = [...mountsBelow(root).toReversed(), driver];
  for (const target of targets) {
    const isMounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${target} `);
    if (isMounted) await run('umount', ['--lazy', target]);
  }
  // cpu and cpuacct may be two names of one hierarchy.
  for (const path of cgroupsOf(cgroupParent)) if (existsSync(path)) rmdirSync(path);
  if (existsSync(`/sys/class/net/${bridge}`)) await run('busybox', ['ip', 'link', 'delete', bridge]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readMounts, unmount } from '@lading/linux';

/** A store of podman's own, below a folder. */
export interface PodmanStore {
  readonly graphRoot: string;
  podman(...args: readonly string[]): string;
  buildah(...args: readonly string[]): string;
  [Symbol.dispose](): void;
}

export function openPodmanStore(folder: string): PodmanStore {
  const [graphRoot, runRoot] = [join(folder, 'graph'), join(folder, 'run')];
  for (const root of [graphRoot, runRoot]) mkdirSync(root);
  const roots = ['--root', graphRoot, '--runroot', runRoot, '--storage-driver', 'overlay'];
  const run = (program: string, args: readonly string[]): string => {
    if (!existsSync(`/usr/bin/${program}`))
      throw new Error(`${program} is missing: apt-get install ${program}`);
    return execFileSync(program, [...roots, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  };
  return {
    graphRoot,
    podman: (...args) => run('podman', ['--cgroup-manager', 'cgroupfs', ...args]),
    buildah: (...args) => run('buildah', args),
    [Symbol.dispose]() {
      for (const { target } of readMounts().toReversed())
        if (target.startsWith(`${folder}/`)) unmount(target, { lazy: true });
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
import type { Mount } from './mount.ts';

const sealed = ['nosuid', 'noexec', 'nodev'] as const;

/** The kernel's own file systems, as every default has them but for what the arguments say. */
export function kernelMounts(proc: readonly string[] | undefined, dev: readonly string[]): readonly Mount[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc', ...(proc && { options: proc }) },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: [...dev, 'strictatime', 'mode=755', 'size=65536k'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...sealed, 'ro'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: [...sealed, 'mode=1777', 'size=65536k'],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: sealed },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: [...sealed, 'relatime', 'ro'],
    },
  ];
}

export const procOptions: readonly string[] = sealed;

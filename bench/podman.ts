// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** podman with a store of its own, set up to run where rlimits cannot be raised and no systemd is there. */
export interface Podman {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export async function setUpPodman(folder: string): Promise<Podman> {
  const conf = join(folder, 'containers.conf');
  const lines = [
    '[containers]',
    'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]',
    '[engine]',
    'runtime = "runc"',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
  ];
  await writeFile(conf, `${lines.join('\n')}\n`);
  const roots = ['--root', join(folder, 'podman-root'), '--runroot', join(folder, 'podman-run')];
  return {
    command: ['podman', ...roots, '--storage-driver', 'overlay', '--tmpdir', join(folder, 'podman-tmp')],
    env: { ...process.env, CONTAINERS_CONF: conf },
  };
}

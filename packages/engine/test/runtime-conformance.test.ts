// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { defaultLinuxSpec, withLinux } from '@lading/oci-spec';
import { createRuncRuntime } from '@lading/runtime-runc';
import { runtimeConformance } from '../src/conformance.ts';

// Debian's crun 1.8 wants a machine whose control groups are not hybrid.
const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers');
const programs = ['runc', ...(isUnified && existsSync('/usr/bin/crun') ? ['crun'] : [])];

for (const runtimePath of programs) {
  runtimeConformance(runtimePath, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lading-conformance-'));
    const bin = join(folder, 'rootfs/bin');
    for (const name of ['bin', 'proc', 'dev', 'sys'])
      await mkdir(join(folder, 'rootfs', name), { recursive: true });
    await copyFile('/bin/busybox', join(bin, 'busybox'));
    for (const name of ['sh', 'sleep']) await symlink('busybox', join(bin, name));
    const process = { cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } };
    const [root, exitDir] = [join(folder, 'state'), join(folder, 'exits')];
    let count = 0;
    return {
      folder,
      handler: async () => createRuncRuntime({ runtimePath, root, exitDir }),
      spec: async () => ({
        ...withLinux(defaultLinuxSpec(), { cgroupsPath: `/${basename(folder)}-${count++}` }),
        root: { path: join(folder, 'rootfs') },
      }),
      ends: {
        process: { ...process, args: ['sh', '-c', 'echo hello; exit 7'] },
        stdout: 'hello',
        exitCode: 7,
      },
      lasts: { ...process, args: ['sleep', '1000'] },
      dispose: () => rm(folder, { recursive: true }),
    };
  });
}

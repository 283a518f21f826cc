// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  cgroupV1Files,
  cgroupV2Files,
  defaultLinuxSpec,
  type LinuxResources,
  withMounts,
  withResources,
} from '../src/index.ts';
import { runContainer } from './programs.ts';

const version = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1;

describe('the files of limits', () => {
  const limits: LinuxResources = {
    memory: { limit: 64 * 1024 * 1024, reservation: 32 * 1024 * 1024 },
    cpu: { shares: 512, quota: 50_000, period: 100_000 },
    pids: { limit: 33 },
  };

  it('hold in a container of runc what is said of them', async () => {
    const files = version === 2 ? cgroupV2Files(limits) : cgroupV1Files(limits);
    const spec = withMounts(withResources(defaultLinuxSpec({ cgroupVersion: version }), limits), []);
    const names = Object.keys(files);
    const { out } = await runContainer(
      spec,
      names.map((name) => `busybox cat /sys/fs/cgroup/${name}`).join('; '),
    );
    expect(out.trim().split('\n')).toEqual(Object.values(files));
    expect(names.length).toBeGreaterThanOrEqual(5);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setOtherLimits } from './other-limits.ts';

const resources = {
  memory: { limit: 1024, swappiness: 7 },
  blockIO: {
    weight: 300,
    weightDevice: [{ major: 8, minor: 0, weight: 200 }],
    throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1024 }],
    throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 0 }],
  },
};

describe('limits that runc does not update', () => {
  let root: string;
  let group: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lading-limits-'));
    group = join(root, 'group');
    mkdirSync(group);
    mkdirSync(join(root, 'web'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const told = (folders: Readonly<Record<string, string>>): void =>
    writeFileSync(join(root, 'web/state.json'), JSON.stringify({ cgroup_paths: folders }));
  const files = (...names: readonly string[]): void => {
    for (const name of names) writeFileSync(join(group, name), '');
  };
  const read = (name: string): string => readFileSync(join(group, name), 'utf8');

  it('are written line by line with cgroup v2, which has none for swapping', async () => {
    told({ '': group });
    files('io.bfq.weight', 'io.max');
    await setOtherLimits(root, 'web', resources);
    expect(read('io.bfq.weight')).toBe('8:0 200');
    expect(read('io.max')).toBe('8:16 wiops=max');
  });

  it('are written to the file that the kernel has with cgroup v1', async () => {
    told({ '': join(root, 'unified'), memory: group, blkio: group });
    files(
      ...['memory.swappiness', 'blkio.bfq.weight_device'],
      ...['blkio.throttle.read_bps_device', 'blkio.throttle.write_iops_device'],
    );
    await setOtherLimits(root, 'web', resources);
    expect(
      ['memory.swappiness', 'blkio.bfq.weight_device', 'blkio.throttle.read_bps_device'].map(read),
    ).toEqual(['7', '8:0 200', '8:0 1024']);
    expect(read('blkio.throttle.write_iops_device')).toBe('8:16 0');
  });

  it('are refused with the name of the file', async () => {
    told({ '': group });
    await expect(setOtherLimits(root, 'web', resources)).rejects.toThrow(
      `the limit 8:0 1920 was refused by ${group}/io.weight`,
    );
  });

  it('are left to a runtime that does not tell of its groups', async () => {
    await setOtherLimits(root, 'web', resources);
  });
});

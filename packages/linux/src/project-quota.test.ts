// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { diskQuota } from './project-quota.ts';

// As strace shows what xfs_quota gives to quotactl(Q_XSETQLIM), laid out by linux/dqblk_xfs.h.
describe('the record of limits that the kernel reads', () => {
  it.each([
    ['both limits', { sizeBytes: 1 << 20, inodes: 7 }, 0xf, 2048n, 7n],
    ['only a size', { sizeBytes: 10 * 2 ** 40 }, 0b1100, 20n * 2n ** 30n, 0n],
    ['only a number of files', { inodes: 2 ** 32 }, 0b11, 0n, 2n ** 32n],
    ['no limit', {}, 0, 0n, 0n],
  ])('has %s', (_what, limits, mask, blocks, inodes) => {
    const record = diskQuota(4_000_000_000, limits);
    expect(record.length).toBe(112);
    expect([record.readInt8(0), record.readInt8(1), record.readUInt16LE(2)]).toEqual([1, 2, mask]);
    expect(record.readUInt32LE(4)).toBe(4_000_000_000);
    expect([8, 16, 24, 32].map((offset) => record.readBigUInt64LE(offset))).toEqual([
      blocks,
      blocks,
      inodes,
      inodes,
    ]);
    expect(record.subarray(40).every((byte) => byte === 0)).toBe(true);
  });
});

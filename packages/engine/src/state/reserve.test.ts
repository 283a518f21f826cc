// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReserve } from './reserve.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'reserve-'));
  mkdirSync(join(root, 'lading'));
});
afterEach(() => rmSync(root, { recursive: true }));

const full = new LadingError(Code.ResourceExhausted, 'cannot write x', { reason: 'ENOSPC' });
const keptBytes = (): number | undefined =>
  statSync(join(root, 'lading/reserve'), { throwIfNoEntry: false })?.size;

describe('a reserve', () => {
  it('is more than the largest file of records, and grows with it', async () => {
    await openReserve([root]);
    expect(keptBytes()).toBe(256 << 10);
    mkdirSync(join(root, 'overlay-layers'));
    writeFileSync(join(root, 'overlay-layers/layers.json'), new Uint8Array(300 << 10));
    await openReserve([root]);
    expect(keptBytes()).toBe(768 << 10);
  });

  it('is given up while something is done again on a full disk, and kept again after', async () => {
    const reserve = await openReserve([root]);
    const seen: (number | undefined)[] = [];
    const work = async (): Promise<string> => {
      seen.push(keptBytes());
      if (seen.length === 1) throw full;
      return 'done';
    };
    expect(await reserve.spend(work)).toBe('done');
    expect(seen).toEqual([256 << 10, undefined]);
    expect(keptBytes()).toBe(256 << 10);
  });

  it('stays for any other failure, which is the caller’s', async () => {
    const reserve = await openReserve([root]);
    const work = async (): Promise<never> => {
      throw new LadingError(Code.NotFound, `kept ${keptBytes()}`);
    };
    await expect(reserve.spend(work)).rejects.toThrow(`kept ${256 << 10}`);
  });
});

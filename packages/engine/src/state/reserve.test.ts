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
});
afterEach(() => rmSync(root, { recursive: true }));

const full = new LadingError(Code.ResourceExhausted, 'cannot write x', { reason: 'ENOSPC' });
const roots = () => ({ graphRoot: root, runRoot: join(root, 'run'), imageStore: join(root, 'images') });
const keptBytes = (folder = '.'): number | undefined =>
  statSync(join(root, folder, 'lading/reserve'), { throwIfNoEntry: false })?.size;

describe('a reserve', () => {
  it('is more than the largest file of records, and grows with it', async () => {
    await openReserve(roots());
    expect(keptBytes()).toBe(256 << 10);
    mkdirSync(join(root, 'overlay-layers'));
    writeFileSync(join(root, 'overlay-layers/layers.json'), new Uint8Array(300 << 10));
    await openReserve(roots());
    expect(keptBytes()).toBe(768 << 10);
  });

  it('is kept where images are apart, and where a run begins, too', async () => {
    mkdirSync(join(root, 'images/overlay-layers'), { recursive: true });
    writeFileSync(join(root, 'images/overlay-layers/layers.json'), new Uint8Array(300 << 10));
    await openReserve(roots());
    expect(keptBytes('images')).toBe(768 << 10);
    expect(keptBytes('run')).toBe(256 << 10);
  });

  it('is given up while something is done again on a full disk, and kept again after', async () => {
    const reserve = await openReserve(roots());
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
    const reserve = await openReserve(roots());
    const work = async (): Promise<never> => {
      throw new LadingError(Code.NotFound, `kept ${keptBytes()}`);
    };
    await expect(reserve.spend(work)).rejects.toThrow(`kept ${256 << 10}`);
  });
});

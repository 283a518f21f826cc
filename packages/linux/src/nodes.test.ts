// SPDX-License-Identifier: Apache-2.0
import { lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeNode, setTimes } from './index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-nodes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('makeNode', () => {
  it('makes a FIFO, and says when the name is taken', () => {
    const path = join(folder, 'fifo');
    makeNode(path, { type: 'fifo', mode: 0o600 });
    expect(lstatSync(path).isFIFO()).toBe(true);
    expect(() => makeNode(path, { type: 'fifo', mode: 0o600 })).toThrow(
      expect.objectContaining({ code: 'already_exists', reason: 'EEXIST' }),
    );
  });
});

describe('setTimes', () => {
  it.each([
    ['nanoseconds', 1_700_000_000_123_456_789n],
    ['a time before 1970', -1_500_000_000n],
    ['1970 itself', 0n],
  ])('keeps %s', (_name, time) => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    setTimes(path, { atimeNs: time, mtimeNs: time });
    expect(lstatSync(path, { bigint: true }).mtimeNs).toBe(time);
  });

  it('sets those of a link itself, which may lead nowhere', () => {
    const path = join(folder, 'link');
    symlinkSync('nowhere', path);
    setTimes(path, { atimeNs: 1n, mtimeNs: 2n });
    expect(lstatSync(path, { bigint: true }).mtimeNs).toBe(2n);
  });
});

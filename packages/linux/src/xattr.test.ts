// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getXattr, listXattrs, removeXattr, setXattr } from './index.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-xattr-'));
  file = join(folder, 'file');
  writeFileSync(file, '');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('extended attributes', () => {
  it('hold any bytes, none, and more than fit the first try', () => {
    const values = { bytes: Buffer.from([0, 255, 0]), empty: Buffer.alloc(0), long: Buffer.alloc(2000, 7) };
    for (const [name, value] of Object.entries(values)) setXattr(file, `user.${name}`, value);
    for (const [name, value] of Object.entries(values)) expect(getXattr(file, `user.${name}`)).toEqual(value);
    expect(listXattrs(file)).toEqual(['user.bytes', 'user.empty', 'user.long']);
  });

  it('can be missing', () => {
    expect(getXattr(file, 'user.none')).toBeUndefined();
    expect(removeXattr(file, 'user.none')).toBe(false);
    expect(listXattrs(file)).toEqual([]);
  });

  it('are removed', () => {
    setXattr(file, 'user.a', Buffer.from('x'));
    expect(removeXattr(file, 'user.a')).toBe(true);
    expect(listXattrs(file)).toEqual([]);
  });

  it('are found by names that are not UTF-8', () => {
    const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]);
    writeFileSync(odd, '');
    setXattr(odd, 'user.a', Buffer.from('x'));
    expect(listXattrs(odd)).toEqual(['user.a']);
  });

  it('fail with the name of the errno', () => {
    expect(() => setXattr(join(folder, 'no'), 'user.a', Buffer.alloc(0))).toThrow(
      expect.objectContaining({ code: 'not_found', reason: 'ENOENT' }),
    );
    expect(() => setXattr(file, 'nonsense.a', Buffer.alloc(0))).toThrow(
      expect.objectContaining({ reason: 'EOPNOTSUPP' }),
    );
    expect(() => getXattr(`${file}\0x`, 'user.a')).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });
});

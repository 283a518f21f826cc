// SPDX-License-Identifier: Apache-2.0
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolverIn } from './resolve-inside.ts';

let outside: string;
let root: string;
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'lading-resolvé-'));
  root = join(outside, 'diff');
  mkdirSync(join(root, 'usr/lib'), { recursive: true });
  writeFileSync(join(root, 'usr/lib/x'), 'inside');
  writeFileSync(join(outside, 'secret'), 'outside');
  writeFileSync(join(root, 'top'), 'top');
});
afterEach(() => rmSync(outside, { recursive: true }));

function content(name: string | Buffer): string | undefined {
  const fd = resolverIn(root).open(Buffer.from(name));
  if (fd === undefined) return undefined;
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

describe('a file of a layer', () => {
  it.each([
    ['usr/lib/x', 'inside'],
    ['./usr//lib/x', 'inside'],
    ['/top', 'top'],
    ['usr/../top', 'top'],
  ])('is found by %j', (name, text) => expect(content(name)).toBe(text));

  it('is found through links among the folders, absolute ones from the root of the layer', () => {
    symlinkSync('usr/lib', join(root, 'relative'));
    symlinkSync('/usr/lib', join(root, 'absolute'));
    symlinkSync('/../../usr', join(root, 'above'));
    expect([content('relative/x'), content('absolute/x'), content('above/lib/x')]).toEqual([
      'inside',
      'inside',
      'inside',
    ]);
  });

  it('is found by a name that is no UTF-8', () => {
    const name = Buffer.from([0xff, 0x2f, 0xfe]);
    mkdirSync(Buffer.concat([Buffer.from(`${root}/`), name.subarray(0, 1)]));
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), 'bytes');
    expect(content(name)).toBe('bytes');
  });

  it('is never one outside of the layer', () => {
    symlinkSync(outside, join(root, 'away'));
    symlinkSync('../..', join(root, 'usr/up'));
    symlinkSync(join(outside, 'secret'), join(root, 'last'));
    for (const name of [
      'away/secret',
      'usr/up/secret',
      '../secret',
      'last',
      '..',
      '',
      'usr/lib',
      'nothing/x',
    ]) {
      expect(content(name), name).toBeUndefined();
    }
  });

  it('is found where a folder has too many to list, and is no link', () => {
    const many = join(root, 'many');
    mkdirSync(many);
    for (let i = 0; i <= 20_000; i++) closeSync(openSync(join(many, `${i}`), 'w'));
    writeFileSync(join(many, 'last'), 'one of many');
    symlinkSync('../../secret', join(many, 'link'));
    expect([content('many/last'), content('many/link')]).toEqual(['one of many', undefined]);
  });

  it('is found again when more names went by than are remembered', () => {
    const resolver = resolverIn(root);
    const found = (name: string): boolean => {
      const fd = resolver.open(Buffer.from(name));
      if (fd !== undefined) closeSync(fd);
      return fd !== undefined;
    };
    for (let i = 0; i < 3; i++) {
      mkdirSync(join(root, `${i}`));
      for (let j = 0; j < 7_000; j++) closeSync(openSync(join(root, `${i}/${j}`), 'w'));
    }
    for (const round of [1, 2]) {
      for (const name of ['0/7', '1/6999', 'usr/lib/x', '2/0']) expect(found(name), `${round}`).toBe(true);
      expect(found('1/7000')).toBe(false);
    }
  });

  it('is not looked for in a circle', () => {
    symlinkSync('b', join(root, 'a'));
    symlinkSync('a', join(root, 'b'));
    expect(() => content('a/x')).toThrow(expect.objectContaining({ code: Code.DataLoss }));
  });
});

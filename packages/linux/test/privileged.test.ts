// SPDX-License-Identifier: Apache-2.0
import { lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getXattr, makeNode, processCapabilities, setXattr } from '../src/index.ts';
import { deviceNumber } from '../src/nodes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-privileged-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('makeNode', () => {
  it.each([
    ['a whiteout of overlay', 'char', 0, 0],
    ['the null device', 'char', 1, 3],
    ['a large device number', 'block', 4095, 1_048_575],
  ] as const)('makes %s', (_name, type, major, minor) => {
    const path = join(folder, 'node');
    makeNode(path, { type, mode: 0o600, major, minor });
    const stats = lstatSync(path, { bigint: true });
    expect(type === 'char' ? stats.isCharacterDevice() : stats.isBlockDevice()).toBe(true);
    expect(stats.rdev).toBe(deviceNumber(major, minor));
    expect(stats.mode & 0o7777n).toBe(0o600n);
  });
});

describe('trusted attributes', () => {
  it('of a link are not those of what it leads to', () => {
    const file = join(folder, 'file');
    const link = join(folder, 'link');
    writeFileSync(file, '');
    symlinkSync(file, link);
    setXattr(file, 'trusted.a', Buffer.from('file'));
    setXattr(link, 'trusted.a', Buffer.from('link'));
    expect(getXattr(file, 'trusted.a')?.toString()).toBe('file');
    expect(getXattr(link, 'trusted.a')?.toString()).toBe('link');
  });
});

describe('processCapabilities', () => {
  it('reads those of this process, which root runs', () => {
    expect(processCapabilities().effective).toContain('CAP_SYS_ADMIN');
  });
});

// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isMountPoint, mount, mountByParts, readMounts, unmount } from '../src/index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-mount-'));
});
afterEach(() => {
  for (const { target } of readMounts().toReversed()) {
    if (target.startsWith(`${folder}/`)) unmount(target, { lazy: true });
  }
  rmSync(folder, { recursive: true });
});

const make = (name: string): string => {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
};

describe('mount and unmount', () => {
  it('mount a tmpfs with flags and options, also where the name has a blank', () => {
    const target = make('a b');
    mount({ source: 'shm', target, type: 'tmpfs', flags: ['nosuid', 'nodev', 'noexec'], data: 'size=64k' });
    const entry = readMounts().find((candidate) => candidate.target === target);
    expect(entry).toMatchObject({ source: 'shm', type: 'tmpfs' });
    expect(entry?.options).toEqual(expect.arrayContaining(['nosuid', 'nodev', 'noexec']));
    expect(entry?.superOptions).toContain('size=64k');
    expect(isMountPoint(target)).toBe(true);
    unmount(target);
    expect(isMountPoint(target)).toBe(false);
  });

  it('mount an overlay', () => {
    const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map(make);
    writeFileSync(join(String(lower), 'f'), 'lower');
    mount({
      source: 'overlay',
      target: String(merged),
      type: 'overlay',
      data: `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
    });
    writeFileSync(join(String(merged), 'f'), 'changed');
    unmount(String(merged));
    expect(readFileSync(join(String(upper), 'f'), 'utf8')).toBe('changed');
  });

  it('make a bind mount read-only by a second call', () => {
    const source = make('source');
    const target = make('target');
    mount({ source, target, flags: ['bind'] });
    mount({ target, flags: ['remount', 'bind', 'readonly'] });
    expect(() => writeFileSync(join(target, 'f'), '')).toThrow(/EROFS/);
  });

  it('name the call, the path and the errno when they fail', () => {
    const missing = join(folder, 'missing');
    expect(() => mount({ source: 'x', target: missing, type: 'tmpfs' })).toThrow(
      expect.objectContaining({
        code: 'not_found',
        reason: 'ENOENT',
        message: `mount x on ${missing}: no such file or directory (ENOENT)`,
      }),
    );
    expect(() => mount({ target: make('t'), type: 'no-such-fs' })).toThrow(
      expect.objectContaining({ reason: 'ENODEV' }),
    );
    expect(() => unmount(make('t'))).toThrow(expect.objectContaining({ reason: 'EINVAL' }));
  });

  it('refuse options that the kernel would cut, and paths with a zero byte', () => {
    const target = make('t');
    expect(() => mount({ target, type: 'tmpfs', data: 'x'.repeat(4096) })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', reason: 'E2BIG' }),
    );
    expect(() => mount({ target: `${target}\0`, type: 'tmpfs' })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });

  it('report a mount in use as EBUSY, and let go of it lazily', () => {
    const target = make('t');
    mount({ target, type: 'tmpfs' });
    mkdirSync(join(target, 'inner'));
    mount({ target: join(target, 'inner'), type: 'tmpfs' });
    expect(() => unmount(target)).toThrow(
      expect.objectContaining({ code: 'failed_precondition', reason: 'EBUSY' }),
    );
    unmount(target, { lazy: true });
    expect(isMountPoint(target)).toBe(false);
  });
});

describe('mountByParts', () => {
  it('takes options that are longer together than a page', () => {
    const names = Array.from({ length: 40 }, (_, i) => make(`${'l'.repeat(150)}${i}`));
    const target = make('merged');
    mountByParts({
      type: 'overlay',
      target,
      attributes: ['nodev', 'readonly'],
      options: names.map((name) => ['lowerdir+', name] as const),
    });
    const entry = readMounts().find((candidate) => candidate.target === target);
    expect(entry?.options).toEqual(expect.arrayContaining(['ro', 'nodev']));
  });

  it('says what the kernel says of an option that it does not know', () => {
    expect(() =>
      mountByParts({ type: 'overlay', target: make('t'), options: [['no-such-option', 'x']] }),
    ).toThrow(
      expect.objectContaining({ reason: 'EINVAL', message: expect.stringContaining('no-such-option') }),
    );
  });
});

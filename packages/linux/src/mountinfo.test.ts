// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { isMountPoint, parseMountInfo, readMounts } from './mountinfo.ts';

describe('parseMountInfo', () => {
  it('reads all fields, with any number of propagation words', () => {
    const text =
      '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue\n' +
      '37 36 0:5 / /a rw - tmpfs tmpfs rw\n';
    expect(parseMountInfo(text)).toEqual([
      {
        id: 36,
        parentId: 35,
        root: '/mnt1',
        target: '/mnt2',
        options: ['rw', 'noatime'],
        type: 'ext3',
        source: '/dev/root',
        superOptions: ['rw', 'errors=continue'],
      },
      expect.objectContaining({ id: 37, type: 'tmpfs', superOptions: ['rw'] }),
    ]);
  });

  it.each([
    ['a blank', '/a\\040b', '/a b'],
    ['a newline', '/a\\012b', '/a\nb'],
    ['a backslash before digits', '/a\\134040', '/a\\040'],
    ['a name that is not ASCII', '/ä\\040ö', '/ä ö'],
  ])('undoes the escape of %s', (_name, written, target) => {
    expect(parseMountInfo(`1 2 0:1 / ${written} rw - t s rw\n`)[0]?.target).toBe(target);
  });

  it('does not take a target named "-" for the end of the optional fields', () => {
    expect(parseMountInfo('1 2 0:1 - - rw - t s rw\n')[0]).toMatchObject({
      root: '-',
      target: '-',
      type: 't',
    });
  });
});

describe('readMounts', () => {
  it('finds what every Linux has', () => {
    expect(readMounts().find((mount) => mount.target === '/proc')?.type).toBe('proc');
    expect(isMountPoint('/proc')).toBe(true);
    expect(isMountPoint('/')).toBe(true);
    expect(isMountPoint('/proc/self')).toBe(false);
  });

  it('says false of a path that is not there, NotFound of a process that is not', () => {
    expect(isMountPoint('/no/such/folder')).toBe(false);
    expect(() => readMounts(2 ** 30)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });
});

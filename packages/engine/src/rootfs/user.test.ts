// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeNode } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTextInRoot } from './read-in-root.ts';
import { resolveUser } from './user.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lading-rootfs-'));
  await mkdir(join(root, 'etc'));
  await writeFile(
    join(root, 'etc/passwd'),
    '# users\nroot:x:0:0:root:/root:/bin/sh\nweb:x:33:34:web:/var/www:/bin/sh\n77:x:78:78::/seven:/bin/sh\nbroken:x:abc:1\n',
  );
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nweb:x:34:\nlog:x:40:web,root\nother:x:41:nobody\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('resolveUser', () => {
  const cases: [string, readonly string[], object][] = [
    ['', [], { uid: 0, gid: 0, additionalGids: [40], home: '/root' }],
    ['root', [], { uid: 0, gid: 0, home: '/root' }],
    ['web', [], { uid: 33, gid: 34, additionalGids: [40], home: '/var/www' }],
    ['33', [], { uid: 33, gid: 34, additionalGids: [40] }],
    ['web:other', [], { uid: 33, gid: 41, additionalGids: [] }],
    ['web:7', ['log', '9'], { uid: 33, gid: 7, additionalGids: [40, 9] }],
    ['1234', [], { uid: 1234, gid: 0, additionalGids: [] }],
    ['1234:5678', [], { uid: 1234, gid: 5678 }],
    ['77', [], { uid: 78, gid: 78 }],
  ];
  it.each(cases)('finds %j with groups %j', async (text, groups, expected) => {
    expect(await resolveUser(root, text, groups)).toMatchObject(expected);
  });

  it.each([
    ['nobody', 'USER_UNKNOWN'],
    ['broken', 'USER_UNKNOWN'],
    ['4294967295', 'USER_UNKNOWN'],
    ['web:nogroup', 'GROUP_UNKNOWN'],
    ['a:b:c', undefined],
  ])('refuses %j', async (text, reason) => {
    await expect(resolveUser(root, text)).rejects.toMatchObject({ code: 'invalid_argument', reason });
  });

  it('takes numbers without any file', async () => {
    await rm(join(root, 'etc'), { recursive: true });
    expect(await resolveUser(root, '5:6')).toEqual({ uid: 5, gid: 6, additionalGids: [] });
  });
});

describe('a hostile /etc/passwd', () => {
  it('that links out of the root is looked for inside', async () => {
    const outside = join(tmpdir(), `lading-outside-${process.pid}`);
    await writeFile(outside, 'secret:x:5:5::/:/bin/sh\n');
    try {
      await rm(join(root, 'etc/passwd'));
      for (const target of [outside, `../../../../../../../..${outside}`]) {
        await rm(join(root, 'etc/passwd'), { force: true });
        await symlink(target, join(root, 'etc/passwd'));
        expect(readTextInRoot(root, '/etc/passwd')).toBeUndefined();
      }
    } finally {
      await rm(outside);
    }
  });

  it('is found through links as the container sees them', async () => {
    await mkdir(join(root, 'usr/etc'), { recursive: true });
    await writeFile(join(root, 'usr/etc/passwd'), 'a:x:9:9::/:/bin/sh\n');
    await rm(join(root, 'etc'), { recursive: true });
    await symlink('/usr/etc', join(root, 'etc'));
    expect(await resolveUser(root, 'a')).toMatchObject({ uid: 9 });
  });

  it('that is a pipe, a folder, a loop or too large is refused', async () => {
    const path = join(root, 'etc/passwd');
    const refused = (): void =>
      expect(() => readTextInRoot(root, '/etc/passwd')).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      );
    await rm(path);
    makeNode(path, { type: 'fifo', mode: 0o600 });
    refused();
    await rm(path);
    await mkdir(path);
    refused();
    await rm(path, { recursive: true });
    await symlink('passwd', path);
    refused();
    await rm(path);
    await writeFile(path, 'x'.repeat(1024 * 1024 + 1));
    refused();
  });
});

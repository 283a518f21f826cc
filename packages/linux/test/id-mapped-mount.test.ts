// SPDX-License-Identifier: Apache-2.0
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idMappedMount, openUserNamespace, readMounts, unmount } from '../src/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync('/dev/shm/lading-idmap-');
  mkdirSync(join(folder, 'files'));
  mkdirSync(join(folder, 'seen'));
});
afterEach(() => {
  const targets = readMounts().map(({ target }) => target);
  for (const target of targets) if (target.startsWith(`${folder}/`)) unmount(target);
  rmSync(folder, { recursive: true });
});

const owners = (path: string): [number, number] => {
  const { uid, gid } = statSync(join(folder, path));
  return [uid, gid];
};

describe('an id-mapped mount', () => {
  it('shows other owners, and writes the ones inside to the disk', () => {
    for (const name of ['root', 'user']) writeFileSync(join(folder, 'files', name), '');
    chownSync(join(folder, 'files/user'), 1000, 1001);
    const namespace = openUserNamespace({
      uidMap: [{ containerId: 0, hostId: 100_000, size: 65_536 }],
      gidMap: [
        { containerId: 0, hostId: 200_000, size: 1 },
        { containerId: 1001, hostId: 0, size: 1 },
      ],
    });
    idMappedMount({
      source: join(folder, 'files'),
      target: join(folder, 'seen'),
      userNamespace: namespace,
    });
    // The mount keeps the namespace.
    namespace[Symbol.dispose]();
    namespace[Symbol.dispose]();
    expect([owners('seen/root'), owners('seen/user')]).toEqual([
      [100_000, 200_000],
      [101_000, 0],
    ]);
    chownSync(join(folder, 'seen/root'), 100_007, 0);
    expect(owners('files/root')).toEqual([7, 1001]);
  });

  it('leaves no process behind, however often namespaces are made', () => {
    const children = (): string =>
      readdirSync('/proc/self/task')
        .map((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8'))
        .join('');
    const before = children();
    const map = [{ containerId: 0, hostId: 0, size: 4_294_967_295 }];
    const fds = readdirSync('/proc/self/fd').length;
    for (let count = 0; count < 200; count += 1) {
      using _namespace = openUserNamespace({ uidMap: map, gidMap: map });
    }
    expect(children()).toBe(before);
    expect(readdirSync('/proc/self/fd').length).toBe(fds);
  });

  it('is refused with maps that overlap', () => {
    const range = { containerId: 0, hostId: 100_000, size: 10 };
    expect(() => openUserNamespace({ uidMap: [range, range], gidMap: [range] })).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument, reason: 'EINVAL' }),
    );
  });

  it('names a folder that is not there', () => {
    const map = [{ containerId: 0, hostId: 0, size: 1 }];
    using userNamespace = openUserNamespace({ uidMap: map, gidMap: map });
    expect(() =>
      idMappedMount({ source: join(folder, 'none'), target: join(folder, 'seen'), userNamespace }),
    ).toThrow(expect.objectContaining({ code: Code.NotFound, message: expect.stringContaining('none') }));
  });
});

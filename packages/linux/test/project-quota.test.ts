// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderProject, limitProject, setFolderProject, unmount } from '../src/index.ts';

let root: string;
let volume: string;
beforeAll(() => {
  root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lading-project-'));
  volume = join(root, 'volume');
  mkdirSync(volume);
  execFileSync('truncate', ['-s', '320M', join(root, 'disk')]);
  execFileSync('mkfs.xfs', ['-q', join(root, 'disk')]);
  execFileSync('mount', ['-o', 'loop', join(root, 'disk'), volume]);
});
afterAll(() => {
  unmount(volume);
  rmSync(root, { recursive: true });
});

describe('the project of a folder', () => {
  it('is none at first, and then that of what is made in it', () => {
    const folder = join(volume, 'a');
    mkdirSync(folder);
    expect(folderProject(folder)).toEqual({ id: 0, isInherited: false });
    setFolderProject(folder, { id: 4_000_000_000, isInherited: true });
    mkdirSync(join(folder, 'b'));
    expect(folderProject(join(folder, 'b'))).toEqual({ id: 4_000_000_000, isInherited: true });
    setFolderProject(folder, { id: 5, isInherited: false });
    mkdirSync(join(folder, 'c'));
    expect(folderProject(folder)).toEqual({ id: 5, isInherited: false });
    expect(folderProject(join(folder, 'c')).id).toBe(0);
  });

  it.each([
    ['/proc', /ENOTTY|EOPNOTSUPP/],
    ['/nowhere', /ENOENT/],
    ['/etc/passwd', /ENOTDIR/],
  ])('of %s is not told', (path, reason) => {
    expect(() => folderProject(path)).toThrow(
      expect.objectContaining({ reason: expect.stringMatching(reason) }),
    );
  });
});

it.each([
  ['/dev/null', 'ENOTBLK'],
  ['/nowhere', 'ENOENT'],
])('%s is no device with projects to limit', (device, reason) => {
  expect(() => limitProject(device, 1, { sizeBytes: 1024 })).toThrow(expect.objectContaining({ reason }));
});

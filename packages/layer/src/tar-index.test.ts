// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endOfArchive, type NewTarMember, paddingAfter, readTarIndex, tarMemberHeader } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-tar-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function indexOf(bytes: Uint8Array, options = {}) {
  const path = join(folder, 'archive.tar');
  await writeFile(path, bytes);
  await using file = await open(path);
  return await readTarIndex(file, options);
}

function member(given: Omit<NewTarMember, 'size' | 'mode'>, content = ''): Buffer {
  const body = Buffer.from(content);
  return Buffer.concat([
    tarMemberHeader({ ...given, size: body.length, mode: 0o444 }),
    body,
    paddingAfter(body.length),
  ]);
}

const long = `${'folder/'.repeat(40)}file`;
const archive = Buffer.concat([
  member({ name: './a//b' }, 'hello'),
  member({ name: 'folder/', type: 'directory' }),
  member({ name: 'link', type: 'symlink', linkName: 'a/b' }),
  member({ name: long }, 'x'.repeat(513)),
  member({ name: '../climbs' }),
  endOfArchive,
]);

it('tells where the content of each member is', async () => {
  const members = await indexOf(archive);
  expect(members.map(({ name, type, linkName, size }) => [name, type, linkName, size])).toEqual([
    ['a/b', 'file', '', 5],
    ['folder', 'directory', '', 0],
    ['link', 'symlink', 'a/b', 0],
    [long, 'file', '', 513],
    ['../climbs', 'file', '', 0],
  ]);
  const [first, , , fourth] = members.map(({ offset, size }) =>
    archive.toString('utf8', offset, offset + size),
  );
  expect([first, fourth]).toEqual(['hello', 'x'.repeat(513)]);
});

it('takes an archive without the blocks that end it', async () => {
  expect(await indexOf(archive.subarray(0, archive.length - 1024))).toHaveLength(5);
});

const broken: [string, Uint8Array, Code][] = [
  ['cut inside of a content', archive.subarray(0, 514), Code.DataLoss],
  ['cut inside of a header', archive.subarray(0, 100), Code.DataLoss],
  ['no tar', Buffer.alloc(1024, 'no tar '), Code.InvalidArgument],
  ['a size beyond the file', tarMemberHeader({ name: 'x', size: 1e9, mode: 0 }), Code.DataLoss],
  ['a long name without its member', member({ name: long }).subarray(0, 1024), Code.DataLoss],
];
it.each(broken)('refuses %s', async (_name, bytes, code) => {
  await expect(indexOf(bytes)).rejects.toMatchObject({ code });
});

it('has limits, and ends when it is aborted', async () => {
  const limits = { entries: 1, pathBytes: 4096, paxBytes: 1024, xattrBytes: 0, totalBytes: 0 };
  await expect(indexOf(archive, { limits })).rejects.toMatchObject({ code: Code.ResourceExhausted });
  await expect(indexOf(archive, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  });
});

// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyLayer, openArchive } from '../src/index.ts';
import { entry, folder, tar } from './tar-builder.ts';

let work = '';
let root = '';
let split = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lading-archive-'));
  root = join(work, 'layer');
  split = join(work, 'layer.tar-split.gz');
  mkdirSync(root);
});
afterEach(() => rmSync(work, { recursive: true }));

/** Below and above the size from which on another thread does it. */
const sizes: readonly (readonly [string, number])[] = [
  ['here', 10_000],
  ['on a thread', 12_000_000],
];

/** Unpacks a layer whose large file has so many bytes. */
async function unpacked(size: number): Promise<Buffer> {
  const archive = Buffer.concat([
    tar(
      folder('d/'),
      entry({ name: 'd/small', content: 'small' }),
      entry({ name: 'd/large', content: randomBytes(size) }),
    ),
    Buffer.alloc(1024),
  ]);
  async function* source(): AsyncGenerator<Uint8Array> {
    yield archive;
  }
  await applyLayer(source(), root, { tarSplitFile: split });
  return archive;
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function digestOf(source: ReturnType<typeof openArchive>, recycles: boolean): Promise<string> {
  const found = createHash('sha256');
  for await (const chunk of source) {
    found.update(chunk);
    if (recycles) source.recycle(chunk);
  }
  return found.digest('hex');
}

describe.each(sizes)('an archive that is put together %s', (_where, size) => {
  it.each([true, false])('is what it was, whether its chunks are recycled (%j) or not', async (recycles) => {
    const archive = await unpacked(size);
    const source = openArchive(split, [join(work, 'nothing'), root], { sizeBytes: archive.length });
    expect(await digestOf(source, recycles)).toBe(hash(archive));
  });

  it('side by side with others is what it was', async () => {
    const archive = await unpacked(size);
    const open = (): Promise<string> =>
      digestOf(openArchive(split, [root], { sizeBytes: archive.length }), true);
    expect(await Promise.all([open(), open(), open()])).toEqual(Array(3).fill(hash(archive)));
  });

  it.each<readonly [string, () => void, string, RegExp]>([
    ['a file that is gone', () => rmSync(join(root, 'd/small')), 'TAR_SPLIT_FILE', /"d\/small"/],
    [
      'a file with other bytes',
      () => writeFileSync(join(root, 'd/small'), 'SMALL'),
      'TAR_SPLIT_CHECKSUM',
      /"d\/small" was changed/,
    ],
    [
      'a file that is longer',
      () => appendFileSync(join(root, 'd/large'), '.'),
      'TAR_SPLIT_CHECKSUM',
      /"d\/large" was changed/,
    ],
    [
      'a file that is shorter',
      () => truncateSync(join(root, 'd/large'), 5_000),
      'TAR_SPLIT_CHECKSUM',
      /"d\/large" was changed/,
    ],
    [
      'a link in the place of a file',
      () => {
        writeFileSync(join(work, 'secret'), 'small');
        rmSync(join(root, 'd/small'));
        symlinkSync(join(work, 'secret'), join(root, 'd/small'));
      },
      'TAR_SPLIT_FILE',
      /"d\/small"/,
    ],
    [
      'a link out in the place of its folder',
      () => {
        renameSync(join(root, 'd'), join(work, 'd'));
        symlinkSync(join(work, 'd'), join(root, 'd'));
      },
      'TAR_SPLIT_FILE',
      /"d\/small"/,
    ],
  ])('is refused for %s', async (_what, change, reason, message) => {
    const { length } = await unpacked(size);
    change();
    const source = openArchive(split, [root], { sizeBytes: length });
    await expect(digestOf(source, true)).rejects.toMatchObject({
      code: Code.DataLoss,
      reason,
      message: expect.stringMatching(message),
    });
  });

  it('is refused when its record was cut, or is none', async () => {
    const { length } = await unpacked(size);
    const record = readFileSync(split);
    for (const bad of [record.subarray(0, record.length - 12), Buffer.from('no gzip')]) {
      writeFileSync(split, bad);
      await expect(digestOf(openArchive(split, [root], { sizeBytes: length }), true)).rejects.toMatchObject({
        code: Code.DataLoss,
      });
    }
  });

  it('is refused for another size', async () => {
    const { length } = await unpacked(size);
    await expect(
      digestOf(openArchive(split, [root], { sizeBytes: length + 512 }), true),
    ).rejects.toMatchObject({
      code: Code.DataLoss,
      reason: 'SIZE_MISMATCH',
    });
  });

  it('ends with its signal, and may be left', async () => {
    const { length } = await unpacked(size);
    const controller = new AbortController();
    const source = openArchive(split, [root], { sizeBytes: length, signal: controller.signal });
    controller.abort();
    await expect(digestOf(source, false)).rejects.toMatchObject({ code: Code.Canceled });
    for await (const _ of openArchive(split, [root], { sizeBytes: length })) break;
    expect((await digestOf(openArchive(split, [root], { sizeBytes: length }), true)).length).toBe(64);
  });
});

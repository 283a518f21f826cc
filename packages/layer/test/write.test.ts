// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeNode, setXattr } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyLayer, packFolder, writeLayer } from '../src/index.ts';
import { treeOf } from './tree.ts';

let work = '';
let source = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lading-write-'));
  source = join(work, 'source');
  mkdirSync(source);
});
afterEach(() => rmSync(work, { recursive: true }));

function make(): void {
  const path = (name: string): string => join(source, name);
  mkdirSync(path('d/empty'), { recursive: true });
  writeFileSync(path('d/file'), 'content'.repeat(1000));
  writeFileSync(path('d/exact'), 'x'.repeat(512));
  writeFileSync(path('none'), '');
  writeFileSync(path('n'.repeat(200)), 'long name');
  writeFileSync(path('ünïcode'), 'u');
  writeFileSync(Buffer.concat([Buffer.from(path('odd-')), Buffer.from([0xff])]), 'odd');
  linkSync(path('d/file'), path('hard'));
  symlinkSync('s'.repeat(150), path('sym'));
  makeNode(path('fifo'), { type: 'fifo', mode: 0o600 });
  makeNode(path('null'), { type: 'char', mode: 0o666, major: 1, minor: 3 });
  execFileSync('chown', ['-h', '3000000:5', path('none'), path('sym')]);
  chmodSync(path('none'), 0o4755);
  chmodSync(path('d'), 0o1777);
  setXattr(path('d/file'), 'user.note', Buffer.from([0, 61, 255]));
  setXattr(
    path('none'),
    'security.capability',
    Buffer.from('0100000200040000000000000000000000000000', 'hex'),
  );
  execFileSync('find', [source, '-exec', 'touch', '-h', '-d', '@1600000000', '{}', '+']);
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return Buffer.concat(found);
}

describe('writeLayer', () => {
  it.each(['none', 'gzip', 'zstd'] as const)(
    'makes a layer that unpacks to the same tree (%s)',
    async (compression) => {
      make();
      const file = join(work, 'layer.tar');
      const written = await writeLayer(source, file, { compression });
      const target = join(work, 'target');
      mkdirSync(target);
      const applied = await applyLayer(createReadStream(file), target);
      expect(treeOf(target)).toEqual(treeOf(source));
      expect(applied).toMatchObject({
        diffId: written.diffId,
        diffSize: written.diffSize,
        compressedDigest: written.descriptor.digest,
        compressedSize: written.descriptor.size,
        compression,
      });
      expect(written.descriptor.mediaType).toMatch(/^application\/vnd\.oci\.image\.layer\.v1\.tar/);
    },
  );

  it('makes the same bytes of the same tree', async () => {
    make();
    const first = await writeLayer(source, join(work, '1'));
    const copy = join(work, 'copy');
    execFileSync('cp', ['-a', source, copy]);
    const second = await writeLayer(copy, join(work, '2'));
    expect(second.descriptor).toEqual(first.descriptor);
  });

  it('cuts times to the latest one that is asked for', async () => {
    writeFileSync(join(source, 'new'), '');
    const mtime = new Date(1_000_000_000_999);
    const listed = await bytesOf(packFolder(source, { mtime }));
    expect(listed.toString('latin1', 136, 147)).toBe((1_000_000_000).toString(8).padStart(11, '0'));
  });

  it('leaves sockets out, and labels of this machine', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(source, 'socket'), resolve));
    try {
      writeFileSync(join(source, 'f'), '');
      setXattr(join(source, 'f'), 'trusted.overlay.opaque', Buffer.from('y'));
      const bytes = await bytesOf(packFolder(source));
      expect(bytes.length).toBe(512 + 1024);
    } finally {
      server.close();
    }
  });

  it('leaves no file when it fails, and never waits for ever', async () => {
    writeFileSync(join(source, 'large'), Buffer.alloc(3 << 20, 'x'));
    const stop = new AbortController();
    const file = join(work, 'out');
    const writing = writeLayer(source, file, { signal: stop.signal });
    stop.abort();
    await expect(writing).rejects.toMatchObject({ code: 'canceled' });
    expect(existsSync(file)).toBe(false);
    await expect(writeLayer(join(work, 'missing'), file)).rejects.toMatchObject({ code: 'not_found' });
    writeFileSync(file, 'kept');
    await expect(writeLayer(source, file)).rejects.toMatchObject({ code: 'already_exists' });
    expect(readFileSync(file, 'utf8')).toBe('kept');
    // A reader that stops in the middle ends the compressor too.
    await expect(writeLayer(source, '/dev/full/x')).rejects.toMatchObject({ code: 'failed_precondition' });
  });

  it('says which file shrank while it was read', async () => {
    writeFileSync(join(source, 'log'), Buffer.alloc(2 << 20));
    const chunks = packFolder(source)[Symbol.asyncIterator]();
    await chunks.next();
    truncateSync(join(source, 'log'), 10);
    await expect(
      (async () => {
        while (!(await chunks.next()).done);
      })(),
    ).rejects.toMatchObject({ code: 'aborted', message: expect.stringContaining('log') });
  });

  it('leaves out what went away while the folder was read', async () => {
    writeFileSync(join(source, 'a'), Buffer.alloc(3 << 20));
    for (const name of ['b', 'c']) writeFileSync(join(source, name), 'x'.repeat(600));
    const chunks = packFolder(source);
    const found = [(await chunks.next()).value as Uint8Array];
    rmSync(join(source, 'b'));
    for await (const chunk of chunks) found.push(chunk);
    const file = join(work, 'layer.tar');
    writeFileSync(file, Buffer.concat(found));
    expect(execFileSync('tar', ['-tf', file], { encoding: 'utf8' })).toBe('a\nc\n');
  });

  it('refuses an extended attribute that a tar cannot hold', async () => {
    writeFileSync(join(source, 'f'), '');
    setXattr(join(source, 'f'), 'user.a=b', Buffer.from('x'));
    await expect(bytesOf(packFolder(source))).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('makes a tar that GNU tar reads without a complaint', async () => {
    make();
    const file = join(work, 'layer.tar');
    await writeLayer(source, file, { compression: 'none' });
    const target = join(work, 'target');
    mkdirSync(target);
    const result = spawnSync(
      'tar',
      ['-C', target, '-xpf', file, '--numeric-owner', '--xattrs', '--xattrs-include=*'],
      {
        encoding: 'utf8',
      },
    );
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(treeOf(target)).toEqual(treeOf(source));
  });
});

// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { Descriptor } from '@lading/image-spec';
import { type LayerEntry, packEntries } from '@lading/layer';
import { startRegistry } from '@lading/registry';
import { openStore, type Store } from '@lading/storage';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CopyOptions, copyImage, type ImageSource, openDestination, openSource } from '../src/index.ts';
import { later, makeFolder } from './programs.ts';

const run = promisify(execFile);
let cwd: string;
let host: string;
let store: Store;
let roots: readonly string[];
let inStore: string;

beforeEach(async () => {
  cwd = await makeFolder();
  const registry = await startRegistry();
  later(() => registry.close());
  host = registry.host;
  const [graphRoot, runRoot] = [join(cwd, 'graph'), join(cwd, 'run')];
  roots = ['--root', graphRoot, '--runroot', runRoot];
  inStore = `containers-storage:[overlay@${graphRoot}+${runRoot}]`;
  // The tools of containers/storage keep this folder mounted on itself.
  later(() => run('umount', ['-l', join(graphRoot, 'overlay')]).catch(() => undefined));
  store = await openStore({ graphRoot, runRoot });
  later(() => store.close());
});

const large = randomBytes(700_000);
const other = randomBytes(300_000);
const older: readonly LayerEntry[] = [
  { type: 'directory', path: 'usr' },
  { type: 'file', path: 'usr/large', content: large },
  { type: 'file', path: 'usr/holes', content: Buffer.concat([other, Buffer.alloc(90_000)]) },
  { type: 'file', path: 'usr/changed', content: 'before' },
];
const newer: readonly LayerEntry[] = [
  ...older.slice(0, 3),
  { type: 'file', path: 'usr/changed', content: 'after!', mode: 0o4755, xattrs: { 'user.note': 'x' } },
  { type: 'file', path: 'usr/empty' },
  { type: 'file', path: 'usr/new', content: other.subarray(0, 2000) },
  { type: 'link', path: 'usr/link', target: 'usr/large' },
  { type: 'symlink', path: 'usr/symlink', target: 'large' },
];

/** Copies, and closes both. */
async function copy(from: string | ImageSource, to: string, options: CopyOptions = {}) {
  const context = { cwd, tlsVerify: false };
  const source = typeof from === 'string' ? await openSource(from, context) : from;
  const destination = await openDestination(to, context);
  try {
    return await copyImage(source, destination, options);
  } finally {
    await source.close();
    await destination.close();
  }
}

async function push(name: string, entries: readonly LayerEntry[], format: 'gzip' | 'zstd:chunked') {
  await writeFile(join(cwd, `${name}.tar`), Buffer.concat(await Array.fromAsync(packEntries(entries))));
  await copy(`tarball:${name}.tar`, `docker://${host}/app:${name}`, { compression: { format } });
}

/** Pulls an image, with what was asked of the source for its layer. */
async function pull(
  name: string,
  from = host,
  change: (source: ImageSource) => Partial<ImageSource> = () => ({}),
) {
  const opened = await openSource(`docker://${from}/app:${name}`, { tlsVerify: false });
  const source = { ...opened, ...change(opened) };
  let partBytes = 0;
  const whole: string[] = [];
  const states: string[] = [];
  const counting: ImageSource = {
    ...source,
    blob(blob, options) {
      whole.push(blob.digest);
      return source.blob(blob, options);
    },
    async *blobPart(...args) {
      for await (const chunk of source.blobPart?.(...args) ?? []) {
        partBytes += chunk.length;
        yield chunk;
      }
    },
  };
  const { config } = await copy(counting, `${inStore}example.com/app:${name}`, {
    onProgress: ({ kind, state }) => kind === 'layer' && states.push(state),
  });
  const image = await store.images.find(`example.com/app:${name}`);
  const layer = await store.layers.get(image?.topLayer ?? '');
  return { partBytes, wasWhole: whole.some((digest) => digest !== config), last: states.at(-1), layer };
}

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** What the store has is the archive that was pushed. */
async function expectArchive(name: string): Promise<void> {
  const image = await store.images.find(`example.com/app:${name}`);
  const layer = await store.layers.get(image?.topLayer ?? '');
  const tar = Buffer.concat(await Array.fromAsync(store.layers.open(layer?.id ?? '')));
  expect(sha256(tar)).toBe(layer?.diffDigest);
  expect(tar.equals(Buffer.concat(await Array.fromAsync(packEntries(newer))))).toBe(true);
  expect(await Array.fromAsync(store.check())).toEqual([]);
}

describe('a zstd:chunked layer that is pulled', { timeout: 60_000 }, () => {
  it('is put together of files that are there and of those that are fetched', async () => {
    await push('old', older, 'gzip');
    await push('new', newer, 'zstd:chunked');
    await pull('old');
    const pulled = await pull('new');
    expect(pulled).toMatchObject({ wasWhole: false, last: 'done' });
    // The table, two small files, and what lies between them.
    expect(pulled.partBytes).toBeLessThan(20_000);
    const { layers } = JSON.parse(
      Buffer.from(
        (await (await openSource(`docker://${host}/app:new`, { tlsVerify: false })).manifest()).bytes,
      ).toString(),
    ) as { layers: Descriptor[] };
    expect(pulled.layer?.tocDigest).toBe(
      layers[0]?.annotations?.['io.github.containers.zstd-chunked.manifest-checksum'],
    );
    await expectArchive('new');
    const again = await pull('new');
    expect(again).toMatchObject({ wasWhole: false, last: 'exists', partBytes: 0 });
    // podman sees an image like any other.
    const podman = async (...argv: string[]) => (await run('podman', [...roots, ...argv])).stdout.trim();
    const mounted = await podman('image', 'mount', 'example.com/app:new');
    later(() => podman('image', 'umount', 'example.com/app:new'));
    expect((await run('cat', [join(mounted, 'usr/changed')])).stdout).toBe('after!');
    expect(
      (await run('stat', ['-c', '%a %h', join(mounted, 'usr/changed'), join(mounted, 'usr/link')])).stdout,
    ).toBe('4755 1\n644 2\n');
  });

  it('is read as a whole where the store has too little of it', async () => {
    await push('new', newer, 'zstd:chunked');
    const pulled = await pull('new');
    expect(pulled).toMatchObject({ wasWhole: true, last: 'done' });
    expect(pulled.layer?.tocDigest).toBeUndefined();
    await expectArchive('new');
  });

  it('is read as a whole where storage.conf wants that', async () => {
    await push('old', older, 'gzip');
    await push('new', newer, 'zstd:chunked');
    await pull('old');
    await using whole = await openStore({
      graphRoot: store.graphRoot,
      runRoot: store.runRoot,
      partialImages: false,
    });
    const source = await openSource(`docker://${host}/app:new`, { tlsVerify: false });
    let parts = 0;
    const counting: ImageSource = {
      ...source,
      blobPart(...args) {
        parts += 1;
        return source.blobPart?.(...args) ?? Readable.from([]);
      },
    };
    const destination = await openDestination('containers-storage:example.com/app:new', {
      store: async () => whole,
    });
    await copyImage(counting, destination);
    await source.close();
    await destination.close();
    expect(parts).toBe(0);
    await expectArchive('new');
  });

  it('is read as a whole from a registry without ranges', async () => {
    await push('old', older, 'gzip');
    await push('new', newer, 'zstd:chunked');
    await pull('old');
    const proxy = createServer((incoming, answer) => {
      const { range: _, ...headers } = incoming.headers;
      const [hostname, port] = host.split(':');
      const passed = request(
        { hostname, port, path: incoming.url, method: incoming.method, headers },
        (response) => {
          answer.writeHead(response.statusCode ?? 500, response.headers);
          response.pipe(answer);
        },
      );
      passed.on('error', () => answer.destroy());
      incoming.pipe(passed);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    later(async () => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const address = proxy.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    const pulled = await pull('new', `127.0.0.1:${address.port}`);
    expect(pulled).toMatchObject({ wasWhole: true, partBytes: 0 });
    await expectArchive('new');
  });

  it.each<[string, number, (bytes: Buffer) => Buffer]>([
    ['a table that is another', 0, (bytes) => Buffer.from(bytes).fill(1, 0, 1)],
    ['a table that does not end', 0, (bytes) => Buffer.concat([bytes, bytes])],
    ['files that are others', 1, (bytes) => Buffer.alloc(bytes.length)],
    ['files that end early', 1, (bytes) => bytes.subarray(0, 10)],
  ])('is read as a whole where a registry gives %s', async (_what, wrongPart, alter) => {
    await push('old', older, 'gzip');
    await push('new', newer, 'zstd:chunked');
    await pull('old');
    let part = 0;
    const altered = await pull('new', host, (source) => ({
      async *blobPart(...args) {
        const bytes = Buffer.concat(await Array.fromAsync(source.blobPart?.(...args) ?? []));
        yield part++ === wrongPart ? alter(bytes) : bytes;
      },
    }));
    expect(part).toBe(wrongPart + 1);
    expect(altered.wasWhole).toBe(true);
    expect(altered.layer?.tocDigest).toBeUndefined();
    await expectArchive('new');
  });

  it('has no file of a layer that was changed by hand', async () => {
    await push('old', older, 'gzip');
    await push('new', newer, 'zstd:chunked');
    const { layer } = await pull('old');
    const path = join(cwd, 'graph/overlay', layer?.id ?? '', 'diff/usr/large');
    await writeFile(path, randomBytes(large.length));
    expect((await pull('new')).partBytes).toBeGreaterThan(large.length);
    const image = await store.images.find('example.com/app:new');
    const tar = Buffer.concat(await Array.fromAsync(store.layers.open(image?.topLayer ?? '')));
    expect(tar.equals(Buffer.concat(await Array.fromAsync(packEntries(newer))))).toBe(true);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, parseManifest } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { startCuttingProxy } from '../../registry-client/test/cutting-proxy.ts';
import { eagerRetry } from '../../registry-client/test/scripted-server.ts';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import {
  type CopyOptions,
  type CopyProgress,
  copyImage,
  openDestination,
  openKnownLayers,
  openSource,
  type TransportContext,
} from '../src/index.ts';
import { later, makeFolder } from './programs.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await makeFolder();
});

/** A registry, and how often each of its blobs was asked for with GET. */
async function startWatchedRegistry() {
  const registry = await startRegistry();
  later(() => registry.close());
  const proxy = await startCuttingProxy(registry.host, { direction: 'down', bytes: 0, times: 0 });
  later(async () => proxy[Symbol.asyncDispose]());
  return { host: registry.host, watched: proxy };
}

async function copy(from: string, to: string, options: CopyOptions = {}, context: TransportContext = {}) {
  const all = { cwd, tlsVerify: false, ...context };
  const source = await openSource(from, all);
  const destination = await openDestination(to, all);
  try {
    return await copyImage(source, destination, options);
  } finally {
    await source.close();
    await destination.close();
  }
}

describe('a copy from registry to registry', () => {
  it('reads no byte of 39 layers that are there', async () => {
    const from = await startWatchedRegistry();
    const to = await startRegistry();
    later(() => to.close());
    const seed = randomBytes(3000).toString('hex'); // layers that would be seen among headers
    const [before, image] = await Promise.all([
      makeTestImage({ seed, layers: 39 }),
      makeTestImage({ seed, layers: 40 }),
    ]);
    expect(image.layers.slice(0, 39)).toEqual(before.layers);
    const put = async (reference: string, what: typeof image) => {
      const destination = await openDestination(reference, { tlsVerify: false });
      await copyImage(createMemorySource(what), destination);
      await destination.close();
    };
    await put(`docker://${to.host}/app:1`, before);
    await put(`docker://${from.host}/app:2`, image);
    const source = await openSource(`docker://${from.watched.host}/app:2`, { tlsVerify: false });
    const reads: Digest[] = [];
    const counting = {
      ...source,
      blob: (...args: Parameters<typeof source.blob>) => {
        reads.push(args[0].digest);
        return source.blob(...args);
      },
    };
    const states: string[] = [];
    const destination = await openDestination(`docker://${to.host}/app:2`, { tlsVerify: false });
    const { descriptor } = await copyImage(counting, destination, {
      onProgress: (event: CopyProgress) => {
        if (event.kind === 'layer' && event.state !== 'copying') states.push(event.state);
      },
    });
    await source.close();
    await destination.close();
    expect(descriptor.digest).toBe(image.top.digest);
    expect(reads.toSorted()).toEqual([image.layers[39]?.digest, image.config.digest].toSorted());
    expect(states.filter((state) => state === 'exists')).toHaveLength(39);
    // The manifest, the config, one layer and the heads of answers: none of the others fits into what is left.
    const sizes = image.layers.reduce((sum, { size }) => sum + size, 0);
    const wanted = image.top.bytes.length + image.config.size + (image.layers[39]?.size ?? 0);
    expect(from.watched.carriedBytes - wanted).toBeLessThan(sizes / 4);
  });

  it('mounts layers from a repository that an earlier copy has met', async () => {
    const [from, to] = await Promise.all([startRegistry(), startRegistry()]);
    later(() => from.close());
    later(() => to.close());
    const image = await makeTestImage({ seed: 'mounted' });
    const destination = await openDestination(`docker://${from.host}/app:1`, { tlsVerify: false });
    await copyImage(createMemorySource(image), destination);
    await destination.close();
    const known = () => openKnownLayers(join(cwd, 'known'));
    await copy(`docker://${from.host}/app:1`, `docker://${to.host}/first:1`, { knownLayers: known() });
    const states: string[] = [];
    await copy(`docker://${from.host}/app:1`, `docker://${to.host}/second:1`, {
      knownLayers: known(),
      onProgress: ({ state }) => states.push(state),
    });
    expect(states.filter((state) => state === 'mounted')).toHaveLength(2);
    expect(states).not.toContain('stored');
    // What is known may be wrong.
    const wrong = openKnownLayers(join(cwd, 'wrong'));
    for (const { digest } of image.layers) await wrong.addRepository(to.host, digest, 'not/there');
    const { descriptor } = await copy(`docker://${from.host}/app:1`, `docker://${to.host}/third:1`, {
      knownLayers: wrong,
    });
    expect(descriptor.digest).toBe(image.top.digest);
  });

  it('knows a layer in the compression of an earlier copy, with its table of contents', async () => {
    const to = await startRegistry();
    later(() => to.close());
    const source = createMemorySource(await makeTestImage({ seed: 'known' }));
    const once = async (tag: string) => {
      const destination = await openDestination(`docker://${to.host}/app:${tag}`, { tlsVerify: false });
      const options = {
        compression: { format: 'zstd:chunked' },
        knownLayers: openKnownLayers(join(cwd, 'known')),
      } as const;
      const { descriptor } = await copyImage(source, destination, options);
      await destination.close();
      return descriptor;
    };
    const first = await once('1');
    const reads = source.reads.size;
    source.reads.clear();
    expect(await once('2')).toEqual(first);
    expect([reads, source.reads.size]).toEqual([3, 1]);
  });
});

/** Numbers that look random and are the same each time. */
function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
}

describe('a copy over lines that break every megabyte or so', () => {
  // Docker's registry forgets an upload whose request broke, so nothing can be gone on with there.
  it.each([
    ['lading-registry', () => startRegistry()],
    ["Debian's docker-registry", () => startDockerRegistry()],
  ])('from %s is exact, and nothing is begun anew', { timeout: 300_000 }, async (_name, start) => {
    await using registry = await start();
    await using other = await startRegistry();
    const layers = 2;
    const sizeBytes = 18_000_000;
    for (let i = 0; i < layers; i++) {
      await writeFile(join(cwd, `blob-${i}`), randomBytes(sizeBytes));
    }
    const { packEntries, writeLayer } = await import('@lading/layer');
    const tars = Array.from({ length: layers }, (_, i) => `layer-${i}.tar`);
    for (const [i, name] of tars.entries()) {
      const entries = [{ type: 'file', path: `file-${i}`, file: join(cwd, `blob-${i}`) }] as const;
      await writeLayer(packEntries([...entries]), join(cwd, name), { compression: 'none' });
    }
    await copy(`tarball:${tars.join(':')}`, `docker://${registry.host}/from:1`);
    const dice = createDice(7);
    const bytes = (): number => 500_000 + dice() * 1_000_000;
    await using down = await startCuttingProxy(registry.host, { direction: 'down', bytes, times: 1e6 });
    await using up = await startCuttingProxy(other.host, { direction: 'up', bytes, times: 1e6 });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry(8).retry });
    // How far each layer has come, and the furthest that one has gone back.
    const reached = new Map<string, number>();
    let longestWayBack = 0;
    const onProgress = (event: CopyProgress): void => {
      if (event.kind !== 'layer') return;
      const before = reached.get(event.id) ?? 0;
      longestWayBack = Math.max(longestWayBack, before - event.current);
      reached.set(event.id, event.current);
    };
    const { descriptor, sourceDigest } = await copy(
      `docker://${down.host}/from:1`,
      `docker://${up.host}/to:1`,
      { parallel: 2, onProgress },
      { client },
    );
    expect(descriptor.digest).toBe(sourceDigest);
    // The blobs as they are there, over a line that holds.
    const there = await openSource(`docker://${other.host}/to:1`, { tlsVerify: false });
    const manifest = parseManifest((await there.manifest()).bytes);
    for (const layer of manifest.layers) for await (const _chunk of there.blob(layer));
    await there.close();
    expect(Math.min(down.cuts, up.cuts)).toBeGreaterThan(10);
    // What was on the line when it was cut is sent again, and nothing else.
    expect(longestWayBack).toBeLessThan(sizeBytes / 2);
  });
});

describe('a registry that is not to be asked too much at a time', () => {
  it('gets as many requests at once as it is said to take', async () => {
    const registry = await startRegistry();
    later(() => registry.close());
    const image = await makeTestImage({ seed: 'limits', layers: 8 });
    let [now, most] = [0, 0];
    const { createServer, request } = await import('node:http');
    const front = createServer((asked, answer) => {
      now += 1;
      most = Math.max(most, now);
      answer.on('close', () => {
        now -= 1;
      });
      const { method, url, headers } = asked;
      const [hostname, port] = registry.host.split(':');
      const onward = request({ hostname, port, method, path: url, headers }, (found) => {
        answer.writeHead(found.statusCode ?? 500, found.headers);
        // Slow enough to meet others.
        setTimeout(() => found.pipe(answer), 10);
      });
      asked.pipe(onward);
    }).listen(0, '127.0.0.1');
    later(async () => front.close());
    await new Promise((resolve) => front.once('listening', resolve));
    const address = front.address();
    const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const context = { tlsVerify: false, hostLimits: { maxConcurrency: 1 } };
    const destination = await openDestination(`docker://${host}/app:1`, context);
    await copyImage(createMemorySource(image), destination, { parallel: 8 });
    await destination.close();
    // Reads and writes are counted apart.
    expect(most).toBeLessThanOrEqual(2);
  });
});

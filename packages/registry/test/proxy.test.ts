// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { MediaType } from '@lading/image-spec';
import {
  type ProxyOptions,
  type RegistryOptions,
  type RegistryServer,
  type RequestRecord,
  startRegistry,
} from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTokenRegistry } from '../../../tools/test-support/token-registry.ts';
import { startGatedUpstream } from './gated-upstream.ts';

const sha256 = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const indexOf = (name: string) =>
  JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests: [], annotations: { name } });
const blob = new Uint8Array(randomBytes(3_000_000));
const digest = sha256(blob);

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const action of cleanup.splice(0).reverse()) await action();
});
function later<T extends AsyncDisposable>(value: T): T {
  cleanup.push(async () => value[Symbol.asyncDispose]());
  return value;
}

const clock = { now: 0 };
async function startCache(
  upstream: string,
  proxy: Partial<ProxyOptions> = {},
  options: RegistryOptions = {},
): Promise<RegistryServer> {
  const client = later(createRegistryClient({ tlsVerify: false, retry: { attempts: 1 } }));
  return later(
    await startRegistry({
      ...options,
      proxy: { upstream, client, ttlMs: 1000, now: () => clock.now, ...proxy },
    }),
  );
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-registry-cache-'));
  cleanup.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const put = async (url: string, repository: string, tag: string, text: string) => {
  const response = await fetch(`${url}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    body: text,
    headers: { 'content-type': MediaType.ImageIndex },
  });
  expect(response.status).toBe(201);
};
const putBlob = async (url: string, repository: string, bytes: Uint8Array<ArrayBuffer>) => {
  const path = `/v2/${repository}/blobs/uploads/?digest=${sha256(bytes)}`;
  expect((await fetch(url + path, { method: 'POST', body: bytes })).status).toBe(201);
};
const codeOf = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { code: string }[] };
  return [response.status, errors[0]?.code];
};

describe('a cache of a registry', () => {
  let asked: string[] = [];
  let upstream: RegistryServer;
  beforeEach(async () => {
    clock.now = 0;
    asked = [];
    const onRequest = ({ method, route }: RequestRecord) => {
      if (route !== 'base') asked.push(`${method} ${route}`);
    };
    upstream = later(await startRegistry({ onRequest }));
  });
  /** What the upstream was asked since the last call. */
  const news = () => asked.splice(0);

  it('asks after a tag again when its time is over, by HEAD alone while it has not moved', async () => {
    await put(upstream.url, 'a/b', 'v1', indexOf('first'));
    const cache = await startCache(upstream.host);
    news();
    const get = async () => (await fetch(`${cache.url}/v2/a/b/manifests/v1`)).text();
    expect([await get(), news()]).toEqual([indexOf('first'), ['GET manifest']]);
    clock.now = 999;
    expect([await get(), news()]).toEqual([indexOf('first'), []]);
    clock.now = 1000;
    expect([await get(), news()]).toEqual([indexOf('first'), ['HEAD manifest']]);
    await put(upstream.url, 'a/b', 'v1', indexOf('second'));
    expect([await get(), news()]).toEqual([indexOf('first'), ['PUT manifest']]);
    clock.now = 2000;
    expect([await get(), news()]).toEqual([indexOf('second'), ['HEAD manifest', 'GET manifest']]);
    const head = await fetch(`${cache.url}/v2/a/b/manifests/v1`, { method: 'HEAD' });
    expect([head.headers.get('docker-content-digest'), news()]).toEqual([sha256(indexOf('second')), []]);
  });

  it('keeps what has a digest for good', async () => {
    await put(upstream.url, 'a', 'v1', indexOf('x'));
    await putBlob(upstream.url, 'a', blob);
    const cache = await startCache(upstream.host);
    const paths = [`/v2/a/manifests/${sha256(indexOf('x'))}`, `/v2/a/blobs/${digest}`];
    for (const path of paths) await (await fetch(cache.url + path)).arrayBuffer();
    await upstream.close();
    clock.now = 1e9;
    const [manifest, bytes] = await Promise.all(paths.map((path) => fetch(cache.url + path)));
    expect([await manifest?.text(), manifest?.headers.has('warning')]).toEqual([indexOf('x'), false]);
    expect(Buffer.from((await bytes?.arrayBuffer()) ?? new ArrayBuffer()).equals(blob)).toBe(true);
  });

  it('answers with what it has, and a warning, while the upstream is down', async () => {
    await put(upstream.url, 'a', 'v1', indexOf('x'));
    const cache = await startCache(upstream.host);
    await fetch(`${cache.url}/v2/a/manifests/v1`);
    await upstream.close();
    clock.now = 1000;
    for (let count = 0; count < 2; count++) {
      const stale = await fetch(`${cache.url}/v2/a/manifests/v1`);
      expect([stale.status, await stale.text()]).toEqual([200, indexOf('x')]);
      expect(stale.headers.get('warning')).toBe(
        `299 - "${upstream.host} cannot be reached; this copy may be out of date"`,
      );
    }
    const warnings: string[] = [];
    await using client = createRegistryClient({
      tlsVerify: false,
      onWarning: ({ text }) => warnings.push(text),
    });
    await client.repository(`${cache.host}/a`).resolve('v1');
    expect(warnings).toEqual([expect.stringContaining('may be out of date')]);
    for (const path of ['manifests/v2', `manifests/${digest}`, `blobs/${digest}`, 'tags/list']) {
      expect(await codeOf(await fetch(`${cache.url}/v2/a/${path}`))).toEqual([502, 'UNAVAILABLE']);
    }
  });

  it('asks an upstream that was down again after a while', async () => {
    const port = Number(upstream.host.split(':')[1]);
    await put(upstream.url, 'a', 'v1', indexOf('x'));
    const cache = await startCache(upstream.host, { ttlMs: 60_000 });
    const warned = async () => (await fetch(`${cache.url}/v2/a/manifests/v1`)).headers.has('warning');
    await warned();
    await upstream.close();
    clock.now = 60_000;
    expect(await warned()).toBe(true);
    const back = later(await startRegistry({ port }));
    await put(back.url, 'a', 'v1', indexOf('x'));
    expect(await warned()).toBe(true);
    clock.now += 10_000;
    expect(await warned()).toBe(false);
  });

  it('forgets a tag that the upstream has no more, and not what it pointed at', async () => {
    await put(upstream.url, 'a', 'v1', indexOf('x'));
    const cache = await startCache(upstream.host);
    await fetch(`${cache.url}/v2/a/manifests/v1`);
    await fetch(`${upstream.url}/v2/a/manifests/v1`, { method: 'DELETE' });
    clock.now = 1000;
    for (let count = 0; count < 2; count++) {
      expect(await codeOf(await fetch(`${cache.url}/v2/a/manifests/v1`))).toEqual([404, 'MANIFEST_UNKNOWN']);
    }
    expect((await fetch(`${cache.url}/v2/a/manifests/${sha256(indexOf('x'))}`)).status).toBe(200);
  });

  it('fetches once for clients that ask at the same time', async () => {
    await put(upstream.url, 'a', 'v1', indexOf('x'));
    await putBlob(upstream.url, 'a', blob);
    const cache = await startCache(upstream.host);
    news();
    const paths = [...Array(8).fill('manifests/v1'), ...Array(8).fill(`blobs/${digest}`)];
    const sizes = await Promise.all(
      paths.map(async (path) => (await (await fetch(`${cache.url}/v2/a/${path}`)).arrayBuffer()).byteLength),
    );
    expect(new Set(sizes)).toEqual(new Set([indexOf('x').length, blob.length]));
    expect(news().sort()).toEqual(['GET blob', 'GET manifest', 'HEAD blob']);
  });

  it('says that nothing is there where the upstream says so', async () => {
    const cache = await startCache(upstream.host);
    const ask = async (path: string, method = 'GET') => fetch(cache.url + path, { method });
    expect(await codeOf(await ask('/v2/a/manifests/v1'))).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect(await codeOf(await ask(`/v2/a/blobs/${digest}`))).toEqual([404, 'BLOB_UNKNOWN']);
    expect((await ask(`/v2/a/blobs/${digest}`, 'HEAD')).status).toBe(404);
    expect(await codeOf(await ask('/v2/a/tags/list'))).toEqual([404, 'NAME_UNKNOWN']);
    expect(await codeOf(await ask('/v2/_catalog'))).toEqual([404, 'UNSUPPORTED']);
    expect(await codeOf(await ask('/v2/A/manifests/v1'))).toEqual([400, 'NAME_INVALID']);
    expect(await codeOf(await ask('/v2/a/manifests/.x'))).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect(await codeOf(await ask('/v2/a/blobs/md5:00'))).toEqual([400, 'DIGEST_INVALID']);
    expect(await codeOf(await ask('/v2/a/blobs/uploads/', 'POST'))).toEqual([405, 'UNSUPPORTED']);
    expect((await ask('/v2/')).status).toBe(200);
  });

  it('tells the size of a blob without fetching it', async () => {
    await putBlob(upstream.url, 'a', blob);
    const cache = await startCache(upstream.host);
    news();
    const head = await fetch(`${cache.url}/v2/a/blobs/${digest}`, { method: 'HEAD' });
    expect([head.headers.get('content-length'), news()]).toEqual([String(blob.length), ['HEAD blob']]);
  });

  it('passes the list of tags on, in pages', async () => {
    for (const tag of ['a', 'b', 'c']) await put(upstream.url, 'x/y', tag, indexOf(tag));
    const cache = await startCache(upstream.host);
    const page = await fetch(`${cache.url}/v2/x/y/tags/list?n=2`);
    expect(await page.json()).toEqual({ name: 'x/y', tags: ['a', 'b'] });
    expect(page.headers.get('link')).toBe('</v2/x/y/tags/list?n=2&last=b>; rel="next"');
  });

  it('passes the referrers of a manifest on', async () => {
    const subject = { mediaType: MediaType.ImageIndex, digest: digest, size: 1 };
    const text = (artifactType: string) =>
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MediaType.ImageIndex,
        artifactType,
        manifests: [],
        subject,
      });
    const types = ['application/x.sbom', 'application/x.signature'];
    for (const type of types) await put(upstream.url, 'a', sha256(text(type)), text(type));
    const cache = await startCache(upstream.host);
    const ask = async (query: string, of = digest) => {
      const response = await fetch(`${cache.url}/v2/a/referrers/${of}${query}`);
      const { manifests } = (await response.json()) as {
        manifests: { digest: string; artifactType: string }[];
      };
      return [response.headers.get('oci-filters-applied'), manifests.map(({ digest: found }) => found)];
    };
    const all = types.map((type) => sha256(text(type))).sort();
    expect(await ask('')).toEqual([null, all]);
    expect(await ask(`?artifactType=${types[0]}`)).toEqual(['artifactType', [sha256(text(types[0] ?? ''))]]);
    expect(await ask('', sha256('nobody'))).toEqual([null, []]);
    expect(await codeOf(await fetch(`${cache.url}/v2/a/referrers/v1`))).toEqual([400, 'DIGEST_INVALID']);
  });

  it('is read-only whatever else it is told', async () => {
    const proxy = { upstream: upstream.host, client: later(createRegistryClient()) };
    await expect(startRegistry({ proxy, readOnly: false })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
    await expect(startRegistry({ proxy: { ...proxy, ttlMs: -1 } })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });

  it('serves from its folder after a restart, also without the upstream', async () => {
    await put(upstream.url, 'a', 'v1', indexOf('x'));
    await putBlob(upstream.url, 'a', blob);
    const root = await makeFolder();
    const first = await startCache(upstream.host, {}, { root });
    await fetch(`${first.url}/v2/a/manifests/v1`);
    await (await fetch(`${first.url}/v2/a/blobs/${digest}`)).arrayBuffer();
    await first.close();
    await upstream.close();
    const second = await startCache(upstream.host, {}, { root });
    const manifest = await fetch(`${second.url}/v2/a/manifests/v1`);
    expect([await manifest.text(), manifest.headers.has('warning')]).toEqual([indexOf('x'), true]);
    const bytes = await (await fetch(`${second.url}/v2/a/blobs/${digest}`)).arrayBuffer();
    expect(Buffer.from(bytes).equals(blob)).toBe(true);
  });

  it('keeps several registries apart that clients name by ns', async () => {
    const other = later(await startRegistry());
    await put(upstream.url, 'a', 'v1', indexOf('first'));
    await put(other.url, 'a', 'v1', indexOf('other'));
    const cache = await startCache(upstream.host, { namespaces: [other.host] });
    const ask = (query: string) => fetch(`${cache.url}/v2/a/manifests/v1${query}`);
    const named = await ask(`?ns=${other.host}`);
    expect([await named.text(), named.headers.get('oci-namespace')]).toEqual([indexOf('other'), other.host]);
    const plain = await ask('');
    expect([await plain.text(), plain.headers.has('oci-namespace')]).toEqual([indexOf('first'), false]);
    expect(await (await ask(`?ns=${upstream.host}`)).text()).toBe(indexOf('first'));
    expect(await codeOf(await ask('?ns=127.0.0.1:1'))).toEqual([404, 'NAME_UNKNOWN']);
  });

  it('counts how it answered', async () => {
    await put(upstream.url, 'a', 'v1', indexOf('x'));
    const cache = await startCache(upstream.host, {}, { metrics: true });
    for (let count = 0; count < 3; count++) await fetch(`${cache.url}/v2/a/manifests/v1`);
    clock.now = 1000;
    await fetch(`${cache.url}/v2/a/manifests/v1`);
    const text = await (await fetch(`${cache.url}/metrics`)).text();
    for (const [result, count] of Object.entries({ miss: 1, hit: 2, revalidated: 1 })) {
      expect(text).toContain(`lading_registry_cache_requests_total{result="${result}"} ${count}\n`);
    }
  });
});

describe('credentials', () => {
  it('of clients stay at the cache, which has its own for the upstream', async () => {
    const upstream = later(await startTokenRegistry());
    const own = { username: 'anna', password: 'secret' };
    const asking = later(createRegistryClient({ tlsVerify: false, credentials: () => own }));
    await asking
      .repository(`${upstream.host}/a`)
      .manifests.push(new TextEncoder().encode(indexOf('x')), { mediaType: MediaType.ImageIndex, tag: 'v1' });
    const cache = await startCache(upstream.host, { client: asking });
    const answer = await fetch(`${cache.url}/v2/a/manifests/v1`, {
      headers: { authorization: `Basic ${btoa('eve:guess')}` },
    });
    expect([answer.status, await answer.text()]).toEqual([200, indexOf('x')]);
    expect(new Set(upstream.tokenRequests.map(({ user }) => user))).toEqual(new Set(['anna']));

    const stranger = await startCache(upstream.host);
    const refused = await fetch(`${stranger.url}/v2/a/manifests/v1`, {
      headers: { authorization: `Basic ${btoa('anna:secret')}` },
    });
    expect(refused.headers.has('www-authenticate')).toBe(false);
    expect(await codeOf(refused)).toEqual([403, 'DENIED']);
  });
});

describe.each([
  { name: 'in memory', root: async () => undefined },
  { name: 'on a folder', root: makeFolder },
])('a blob on its way into a cache $name', ({ root: makeRoot }) => {
  it('reaches clients while it comes, and the last byte only when all of it is right', async () => {
    const upstream = later(await startGatedUpstream(blob));
    const cache = await startCache(upstream.host, {}, { root: await makeRoot() });
    const first = await fetch(`${cache.url}/v2/a/blobs/${digest}`);
    const reader = first.body?.getReader();
    if (reader === undefined) throw new Error('no body');
    const early = await reader.read();
    expect(early.value?.length).toBeGreaterThan(0);
    const part = fetch(`${cache.url}/v2/a/blobs/${digest}`, { headers: { range: 'bytes=1000000-2000000' } });
    upstream.open();
    const chunks = [early.value ?? new Uint8Array()];
    for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
    expect(Buffer.concat(chunks).equals(blob)).toBe(true);
    const middle = await part;
    expect([middle.status, middle.headers.get('content-range')]).toEqual([
      206,
      `bytes 1000000-2000000/${blob.length}`,
    ]);
    expect(Buffer.from(await middle.arrayBuffer()).equals(blob.subarray(1_000_000, 2_000_001))).toBe(true);
    expect(upstream.gets.length).toBe(1);
  });

  it('goes on when its client leaves', async () => {
    const upstream = later(await startGatedUpstream(blob));
    const cache = await startCache(upstream.host, {}, { root: await makeRoot() });
    const leaving = new AbortController();
    const first = await fetch(`${cache.url}/v2/a/blobs/${digest}`, { signal: leaving.signal });
    await first.body?.getReader().read();
    leaving.abort();
    const second = fetch(`${cache.url}/v2/a/blobs/${digest}`);
    upstream.open();
    expect(Buffer.from(await (await second).arrayBuffer()).equals(blob)).toBe(true);
    expect(upstream.gets.length).toBe(1);
  });

  it('is not kept with a wrong digest, and its clients are cut off', async () => {
    const wrong = Uint8Array.from(blob);
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
    const upstream = later(await startGatedUpstream(wrong));
    const errors: unknown[] = [];
    const root = await makeRoot();
    const cache = await startCache(upstream.host, {}, { root, onError: (error) => errors.push(error) });
    upstream.open();
    for (let count = 1; count <= 2; count++) {
      const response = await fetch(`${cache.url}/v2/a/blobs/${digest}`);
      expect(response.headers.get('content-length')).toBe(String(blob.length));
      await expect(response.arrayBuffer()).rejects.toThrow();
      expect(upstream.gets.length).toBe(count);
    }
    expect(errors).toContainEqual(expect.objectContaining({ reason: 'DIGEST_MISMATCH' }));
    await cache.close();
    if (root === undefined) return;
    const files = await readdir(root, { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile())).toEqual([]);
  });

  it('is not kept when the upstream cuts it off, and is fetched anew', async () => {
    const upstream = later(await startGatedUpstream(blob));
    const cache = await startCache(upstream.host, {}, { root: await makeRoot() });
    const first = await fetch(`${cache.url}/v2/a/blobs/${digest}`);
    upstream.cut();
    await expect(first.arrayBuffer()).rejects.toThrow();
    const second = await fetch(`${cache.url}/v2/a/blobs/${digest}`);
    await expect(second.arrayBuffer()).rejects.toThrow();
    expect(upstream.gets.length).toBe(2);
  });

  it('is given up when the cache is closed', async () => {
    const upstream = later(await startGatedUpstream(blob));
    const root = await makeRoot();
    const cache = await startCache(upstream.host, {}, { root });
    const first = await fetch(`${cache.url}/v2/a/blobs/${digest}`);
    const body = first.arrayBuffer().catch((error: unknown) => error);
    await upstream.halfSent;
    await cache.close();
    expect(await body).toBeInstanceOf(Error);
    if (root === undefined) return;
    const files = await readdir(root, { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile())).toEqual([]);
  });
});

it('hands on a manifest that it does not understand, without keeping it', async () => {
  const text = '{"schemaVersion":1,"name":"a","tag":"v1"}';
  const mediaType = 'application/vnd.docker.distribution.manifest.v1+json';
  let gets = 0;
  const server = createServer((request, response) => {
    if (request.url?.includes('/manifests/')) gets += 1;
    response.writeHead(200, { 'content-type': mediaType }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const cache = await startCache(`127.0.0.1:${port}`);
  for (let count = 1; count <= 2; count++) {
    const response = await fetch(`${cache.url}/v2/a/manifests/v1`);
    expect([response.headers.get('content-type'), await response.text()]).toEqual([mediaType, text]);
    expect(response.headers.get('docker-content-digest')).toBe(sha256(text));
    expect(gets).toBe(count);
  }
});

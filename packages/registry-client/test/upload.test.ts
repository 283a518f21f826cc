// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Code } from '@lading/errors';
import { digestBytes } from '@lading/image-spec';
import { createRegistryClient, createUndiciTransport } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { randomImage, sourceOf } from './image.ts';
import { eagerRetry, type ScriptedServer, startScripted } from './scripted-server.ts';

const { layer, layerBytes } = await randomImage(100_000);

/** One registry with one upload, which a test lets fail where it likes. */
interface UploadServer extends ScriptedServer {
  readonly received: Buffer;
  /** Method, and Content-Range, of what came in. */
  readonly log: readonly string[];
}

type Mishap = (
  request: IncomingMessage,
  response: ServerResponse,
  state: { count: number; bytes: Buffer[]; size: () => number },
) => boolean;

async function startUploadServer(
  mishap: Mishap = () => false,
  beginHeaders: Record<string, string> = {},
): Promise<UploadServer> {
  const bytes: Buffer[] = [];
  const log: string[] = [];
  const size = () => bytes.reduce((sum, chunk) => sum + chunk.length, 0);
  const server = await startScripted((request, response, count) => {
    const { method = '' } = request;
    const range = request.headers['content-range'];
    log.push(range === undefined ? method : `${method} ${range}`);
    if (mishap(request, response, { count, bytes, size })) return;
    const state = () => ({
      location: `/v2/demo/blobs/uploads/1?at=${size()}`,
      range: `0-${Math.max(0, size() - 1)}`,
    });
    if (method === 'HEAD') return void response.writeHead(404).end();
    if (method === 'POST') return void response.writeHead(202, { ...state(), ...beginHeaders }).end();
    if (method === 'GET' || method === 'DELETE') return void response.writeHead(204, state()).end();
    if (range !== undefined && !range.startsWith(`${size()}-`)) {
      return void request.resume().on('end', () => response.writeHead(416).end());
    }
    request.on('data', (chunk: Buffer) => bytes.push(chunk));
    request.on('end', () => response.writeHead(method === 'PATCH' ? 202 : 201, state()).end());
  });
  return {
    ...server,
    log,
    get received() {
      return Buffer.concat(bytes);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function chunkLog(chunkSize: number, size = layer.size): string[] {
  const log: string[] = [];
  for (let at = 0; at < size; at += chunkSize) log.push(`PATCH ${at}-${Math.min(at + chunkSize, size) - 1}`);
  return log;
}

describe('an upload in chunks', () => {
  it('sends them in order and closes', async () => {
    await using server = await startUploadServer();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    const states: number[] = [];
    const pushed = await blobs.push(layer, sourceOf(layerBytes), {
      chunkSizeBytes: 30_000,
      onProgress: ({ current }) => states.push(current),
    });
    expect(pushed).toEqual({ state: 'uploaded' });
    expect(server.log).toEqual(['HEAD', 'POST', ...chunkLog(30_000), 'PUT']);
    expect(server.received.equals(layerBytes)).toBe(true);
    expect(server.requests.at(-1)?.path).toBe(
      `/v2/demo/blobs/uploads/1?at=100000&digest=${encodeURIComponent(layer.digest)}`,
    );
    expect(states).toEqual(states.toSorted((a, b) => a - b));
  });

  it('has chunks as long as the registry asks for', async () => {
    await using server = await startUploadServer(undefined, { 'oci-chunk-min-length': '60000' });
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    await blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 30_000 });
    expect(server.log).toEqual(['HEAD', 'POST', ...chunkLog(60_000), 'PUT']);
  });

  it('is one request when the blob fits in a chunk', async () => {
    await using server = await startUploadServer();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    await blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 100_000 });
    expect(server.log).toEqual(['HEAD', 'POST', 'PUT']);
  });

  it('goes in chunks of 16 MiB over a transport that holds bodies in memory', async () => {
    const bodies: unknown[] = [];
    const undici = createUndiciTransport();
    const size = 17 * 1024 * 1024;
    const big = new Uint8Array(size).fill(7);
    await using server = await startUploadServer();
    await using client = createRegistryClient({
      tlsVerify: false,
      transport: {
        buffersBodies: true,
        send(request) {
          bodies.push(request.body);
          return undici.send(request);
        },
        close: () => undici.close(),
      },
    });
    const descriptor = { digest: await digestBytes(big), size };
    await client.repository(`${server.host}/demo`).blobs.push(descriptor, sourceOf(big, 1_000_000));
    expect(server.log).toEqual(['HEAD', 'POST', ...chunkLog(16 * 1024 * 1024, size), 'PUT']);
    expect(bodies.every((body) => body === undefined || body instanceof Uint8Array)).toBe(true);
    expect(server.received.equals(big)).toBe(true);
  });

  const seekable = () => {
    const offsets: number[] = [];
    return {
      offsets,
      openAt(offset: number) {
        offsets.push(offset);
        return sourceOf(layerBytes.subarray(offset))();
      },
    };
  };

  it('continues where the registry stands after a connection that broke in a chunk', async () => {
    let broken = false;
    await using server = await startUploadServer((request, _, { bytes, size }) => {
      if (request.method !== 'PATCH' || size() !== 30_000 || broken) return false;
      broken = true;
      // 10,000 bytes of the second chunk arrive.
      request.once('data', (chunk: Buffer) => {
        bytes.push(chunk.subarray(0, 10_000));
        request.destroy();
      });
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const source = seekable();
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.push(layer, source, { chunkSizeBytes: 30_000 })).toEqual({ state: 'uploaded' });
    expect(server.received.equals(layerBytes)).toBe(true);
    expect(server.log).toEqual([
      'HEAD',
      'POST',
      'PATCH 0-29999',
      'PATCH 30000-59999',
      'GET',
      'PATCH 40000-69999',
      'PATCH 70000-99999',
      'PUT',
    ]);
    expect(source.offsets).toEqual([0, 40_000]);
  });

  it('asks for the place after a 416, and goes on from there', async () => {
    await using server = await startUploadServer((request, _, { bytes, size }) => {
      // Bytes of the first chunk get lost while the registry is asked for the second.
      if (request.method === 'PATCH' && size() === 30_000)
        bytes[0] = bytes[0]?.subarray(5_000) ?? Buffer.alloc(0);
      return false;
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    await blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 30_000 });
    expect(server.log.slice(2, 6)).toEqual([
      'PATCH 0-29999',
      'PATCH 30000-59999',
      'GET',
      'PATCH 25000-54999',
    ]);
  });

  it('sends again what a registry took only in part', async () => {
    await using server = await startUploadServer((request, response, { count, bytes }) => {
      if (request.method !== 'PATCH' || count !== 3) return false;
      request.once('data', (chunk: Buffer) => bytes.push(chunk.subarray(0, 1_000)));
      request.on('end', () =>
        response.writeHead(202, { location: '/v2/demo/blobs/uploads/1', range: '0-999' }).end(),
      );
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    await blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 50_000 });
    expect(server.received.equals(layerBytes)).toBe(true);
    expect(server.log.slice(2, 4)).toEqual(['PATCH 0-49999', 'PATCH 1000-50999']);
  });

  it('begins anew when the registry has lost the upload', async () => {
    let lost = false;
    await using server = await startUploadServer((request, response, { bytes, size }) => {
      if (request.method !== 'PATCH' || size() !== 30_000 || lost) return false;
      lost = true;
      bytes.length = 0;
      request.resume().on('end', () => response.writeHead(404).end());
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 30_000 })).toEqual({
      state: 'uploaded',
    });
    expect(server.received.equals(layerBytes)).toBe(true);
    expect(server.log.filter((line) => line === 'POST')).toHaveLength(2);
  });

  it('begins anew when bytes of a broken request came in after the registry was asked where it stands', async () => {
    let patches = 0;
    let spoiled = 0;
    await using server = await startUploadServer((request, response, { bytes }) => {
      if (request.method === 'PATCH' && ++patches === 1) {
        request.resume().on('end', () => request.socket.destroy());
        return true;
      }
      if (request.method !== 'PUT' || spoiled > 0) return false;
      spoiled += 1;
      bytes.length = 0;
      request.resume().on('end', () => {
        response.writeHead(400).end('{"errors":[{"code":"DIGEST_INVALID","message":"other bytes"}]}');
      });
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 30_000 })).toEqual({
      state: 'uploaded',
    });
    expect(spoiled).toBe(1);
    expect(server.received.equals(layerBytes)).toBe(true);
    expect(server.log.filter((line) => line === 'POST')).toHaveLength(2);
  });

  it('fails when no request broke and the registry finds another digest', async () => {
    await using server = await startUploadServer((request, response) => {
      if (request.method !== 'PUT') return false;
      request.resume().on('end', () => {
        response.writeHead(400).end('{"errors":[{"code":"DIGEST_INVALID","message":"other bytes"}]}');
      });
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    await expect(blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 30_000 })).rejects.toMatchObject({
      reason: 'DIGEST_INVALID',
    });
    expect(server.log.filter((line) => line === 'POST')).toHaveLength(1);
  });

  it('is done when the registry closed it and only the answer was lost', async () => {
    let closed = false;
    await using server = await startUploadServer((request, response) => {
      const { method } = request;
      if (method === 'PUT') {
        closed = true;
        request.resume().on('end', () => request.socket.destroy());
        return true;
      }
      if (!closed) return false;
      if (method === 'GET') return response.writeHead(404).end().writableEnded;
      return (
        method === 'HEAD' && response.writeHead(200, { 'content-length': layer.size }).end().writableEnded
      );
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    const pushed = await blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 30_000 });
    expect(pushed).toEqual({ state: 'uploaded' });
    expect(server.log.slice(-3)).toEqual(['PUT', 'GET', 'HEAD']);
  });

  it.each([
    { name: 'has more than it was sent', range: '0-99999', message: /was sent bytes 0 to 29999/ },
    { name: 'has nothing, again and again', range: '0--1', message: /takes no more bytes/ },
  ])('fails when the registry says that it $name', async ({ range, message }) => {
    await using server = await startUploadServer((request, response) => {
      if (request.method !== 'PATCH') return false;
      request.resume().on('end', () => response.writeHead(202, { range }).end());
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    await expect(blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 30_000 })).rejects.toMatchObject({
      code: Code.Internal,
      reason: 'UNEXPECTED_RESPONSE',
      message: expect.stringMatching(message),
    });
    expect(server.log.length).toBeLessThan(12);
    expect(server.log.at(-1)).toBe('DELETE');
  });

  it('fails when the registry answers 416 whatever it is sent', async () => {
    await using server = await startUploadServer((request, response) => {
      if (request.method !== 'PATCH') return false;
      request.resume().on('end', () => response.writeHead(416).end());
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    await expect(blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes: 30_000 })).rejects.toMatchObject({
      code: Code.OutOfRange,
    });
    expect(server.log.length).toBeLessThan(20);
  });

  it.each([0, -1, 1.5, Number.NaN])('is not begun with chunks of %d bytes', async (chunkSizeBytes) => {
    await using server = await startUploadServer();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    await expect(blobs.push(layer, sourceOf(layerBytes), { chunkSizeBytes })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
    expect(server.log).toEqual([]);
  });
});

describe('an upload in one request', () => {
  it('sends only what is missing after a connection that broke', async () => {
    let broken = false;
    await using server = await startUploadServer((request, _, { bytes }) => {
      if (request.method !== 'PUT' || broken) return false;
      broken = true;
      request.once('data', (chunk: Buffer) => {
        bytes.push(chunk.subarray(0, 10_000));
        request.destroy();
      });
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.push(layer, sourceOf(layerBytes))).toEqual({ state: 'uploaded' });
    expect(server.received.equals(layerBytes)).toBe(true);
    expect(server.log).toEqual(['HEAD', 'POST', 'PUT', 'GET', 'PUT 10000-99999']);
  });

  it('is canceled at the registry when it fails', async () => {
    await using server = await startUploadServer((request, response) => {
      if (request.method !== 'PUT') return false;
      request.resume().on('end', () => response.writeHead(403).end());
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    await expect(blobs.push(layer, sourceOf(layerBytes))).rejects.toMatchObject({
      code: Code.PermissionDenied,
    });
    expect(server.log).toEqual(['HEAD', 'POST', 'PUT', 'DELETE']);
  });

  it('is canceled at the registry when the signal is aborted', async () => {
    const abort = new AbortController();
    await using server = await startUploadServer((request) => {
      if (request.method !== 'PUT') return false;
      request.once('data', () => abort.abort());
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    const push = blobs.push(layer, sourceOf(layerBytes), { signal: abort.signal });
    await expect(push).rejects.toMatchObject({ code: Code.Canceled });
    expect(server.log).toEqual(['HEAD', 'POST', 'PUT', 'DELETE']);
  });

  it('fails with its own error when the cancelation fails', async () => {
    await using server = await startUploadServer((request, response) => {
      if (request.method === 'DELETE') return response.writeHead(500).end().writableEnded;
      if (request.method !== 'PUT') return false;
      request.resume().on('end', () => response.writeHead(403).end());
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    await expect(blobs.push(layer, sourceOf(layerBytes))).rejects.toMatchObject({
      code: Code.PermissionDenied,
    });
  });
});

describe('a small blob', async () => {
  const small = new TextEncoder().encode('small');
  const descriptor = { digest: await digestBytes(small), size: small.length };
  const other = new TextEncoder().encode('other');
  const otherDescriptor = { digest: await digestBytes(other), size: other.length };

  it('goes with the request that begins', async () => {
    await using server = await startUploadServer((request, response, { bytes }) => {
      if (request.method !== 'POST') return false;
      request.on('data', (chunk: Buffer) => bytes.push(chunk));
      request.on('end', () => response.writeHead(201).end());
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.push(descriptor, sourceOf(small))).toEqual({ state: 'uploaded' });
    expect(server.log).toEqual(['HEAD', 'POST']);
    expect(server.received.toString()).toBe('small');
  });

  it('follows it where the registry only begins, and the next is not sent twice', async () => {
    await using server = await startUploadServer();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    await blobs.push(descriptor, sourceOf(small));
    await blobs.push(otherDescriptor, sourceOf(other));
    const posts = server.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);
    expect(posts).toEqual([
      `/v2/demo/blobs/uploads/?digest=${encodeURIComponent(descriptor.digest)}`,
      '/v2/demo/blobs/uploads/',
    ]);
    expect(server.received.toString()).toBe('smallother');
  });

  it('goes the long way where the registry refuses the short one', async () => {
    await using server = await startUploadServer((request, response) => {
      if (!request.url?.includes('/?digest=')) return false;
      request.resume().on('end', () => response.writeHead(400).end());
      return true;
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.push(descriptor, sourceOf(small))).toEqual({ state: 'uploaded' });
    expect(server.log).toEqual(['HEAD', 'POST', 'POST', 'PUT']);
  });

  it('of another algorithm says so when the upload begins', async () => {
    const big = new Uint8Array(20_000);
    await using server = await startUploadServer();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    await blobs.push({ digest: await digestBytes(big, 'sha512'), size: big.length }, sourceOf(big));
    expect(server.requests[1]?.path).toBe('/v2/demo/blobs/uploads/?digest-algorithm=sha512');
  });
});

describe('a mount', () => {
  it.each([
    { from: 'other/name', query: `mount=${encodeURIComponent(layer.digest)}&from=other%2Fname` },
    { from: undefined, query: `mount=${encodeURIComponent(layer.digest)}` },
  ])('from $from is asked for, and an upload begun instead is canceled', async ({ from, query }) => {
    await using server = await startUploadServer();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.mount(layer.digest, { from })).toBe(false);
    expect(server.log).toEqual(['POST', 'DELETE']);
    expect(server.requests[0]?.path).toBe(`/v2/demo/blobs/uploads/?${query}`);
  });

  it('that the registry does not make becomes the upload', async () => {
    await using server = await startUploadServer();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.push(layer, sourceOf(layerBytes), { mountFrom: true })).toEqual({ state: 'uploaded' });
    expect(server.log).toEqual(['HEAD', 'POST', 'PUT']);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code } from '@lading/errors';
import { type Digest, parseDigest } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient, createUndiciTransport, type StreamedBlob } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { collect, randomImage } from './image.ts';
import { eagerRetry, startScripted } from './scripted-server.ts';

const { layer, layerBytes } = await randomImage(6_000_000);

/** A blob that is made anew each time it is asked for, in chunks of this size. */
function streamOf(bytes: Uint8Array, chunkBytes = 100_000): (() => StreamedBlob) & { readonly made: number } {
  let made = 0;
  const source = (): StreamedBlob => {
    made += 1;
    const hash = createHash('sha256');
    let digest: Digest | undefined;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        const chunk = bytes.subarray(at, at + chunkBytes);
        hash.update(chunk);
        yield chunk;
      }
      digest = parseDigest(`sha256:${hash.digest('hex')}`);
    }
    return {
      chunks: chunks(),
      result() {
        if (digest === undefined) throw new Error('asked too early');
        return { digest, size: bytes.length };
      },
    };
  };
  return Object.defineProperty(source, 'made', { get: () => made }) as typeof source & { made: number };
}

describe.each([
  { name: 'lading-registry', start: () => startRegistry() },
  { name: "Debian's docker-registry", start: () => startDockerRegistry() },
])('blobs.pushStream to $name', ({ start }) => {
  it('sends bytes before their digest is known, and reports how far it is', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${registry.host}/demo`);
    const seen: number[] = [];
    const source = streamOf(layerBytes);
    const pushed = await blobs.pushStream(source, { onBytes: (sent) => seen.push(sent) });
    expect(pushed).toEqual({ digest: layer.digest, size: layer.size });
    expect((await collect(blobs.open(layer))).equals(layerBytes)).toBe(true);
    expect([seen.at(-1), seen.length, source.made]).toEqual([layer.size, 60, 1]);
  });

  it('sends what has no bytes', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${registry.host}/demo`);
    const { digest, size } = await blobs.pushStream(streamOf(new Uint8Array()));
    expect(size).toBe(0);
    expect(await blobs.head(digest)).toMatchObject({ digest, size });
  });

  it.each([1, 3, 5])('goes on after %i broken connections, or begins anew', async (times) => {
    await using registry = await start();
    await using proxy = await startCuttingProxy(registry.host, { direction: 'up', bytes: 1_500_000, times });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry(6).retry });
    const source = streamOf(layerBytes);
    const pushed = await client.repository(`${proxy.host}/demo`).blobs.pushStream(source);
    expect(pushed.digest).toBe(layer.digest);
    // Where each connection goes on from the last one, four of them are enough.
    expect(proxy.cuts).toBeGreaterThanOrEqual(Math.min(times, 3));
    const direct = client.repository(`${registry.host}/demo`);
    expect((await collect(direct.blobs.open(layer))).equals(layerBytes)).toBe(true);
  });

  it('goes in pieces over a transport that holds bodies in memory', async () => {
    const undici = createUndiciTransport();
    const longest: number[] = [];
    await using registry = await start();
    await using client = createRegistryClient({
      tlsVerify: false,
      transport: {
        ...undici,
        buffersBodies: true,
        send(request) {
          longest.push(request.body instanceof Uint8Array ? request.body.length : 0);
          return undici.send(request);
        },
      },
    });
    const bytes = Buffer.concat([layerBytes, layerBytes, layerBytes]);
    const { blobs } = client.repository(`${registry.host}/demo`);
    const pushed = await blobs.pushStream(streamOf(bytes, 999_999));
    expect(pushed.size).toBe(18_000_000);
    expect(Math.max(...longest)).toBe(16 * 1024 * 1024);
    expect((await collect(blobs.open(pushed))).equals(bytes)).toBe(true);
  });
});

describe('blobs.pushStream', () => {
  it('asks again where it stands when bytes of a lost request arrive late', async () => {
    const undici = createUndiciTransport();
    let late = 0;
    await using registry = await startRegistry();
    await using client = createRegistryClient({
      tlsVerify: false,
      transport: {
        ...undici,
        buffersBodies: true,
        async send(request) {
          if (request.method === 'PATCH' && late < 2) {
            late += 1;
            const { body } = await undici.send(request);
            for await (const _ of body);
          }
          return await undici.send(request);
        },
      },
    });
    const { blobs } = client.repository(`${registry.host}/demo`);
    const bytes = Buffer.concat([layerBytes, layerBytes, layerBytes, layerBytes, layerBytes, layerBytes]);
    const pushed = await blobs.pushStream(streamOf(bytes));
    expect([pushed.size, late]).toEqual([bytes.length, 2]);
    expect((await collect(blobs.open(pushed))).equals(bytes)).toBe(true);
  });

  it('makes no blob of what its source refuses at the end, and takes the upload away', async () => {
    await using registry = await startRegistry();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${registry.host}/demo`);
    const refused = (): StreamedBlob => ({
      chunks: streamOf(layerBytes)().chunks,
      result: () => {
        throw new Error('not what was promised');
      },
    });
    await expect(blobs.pushStream(refused)).rejects.toThrow('not what was promised');
    expect(await blobs.head(layer.digest)).toBeUndefined();
  });

  it('ends the upload when its source fails', async () => {
    const log: string[] = [];
    await using server = await startScripted((request, response) => {
      log.push(request.method ?? '');
      const location = '/v2/demo/blobs/uploads/1';
      if (request.method !== 'PATCH') return void response.writeHead(202, { location }).end();
      request.resume().on('end', () => response.writeHead(202, { location }).end());
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const broken = (): StreamedBlob => ({
      chunks: (async function* () {
        yield layerBytes.subarray(0, 50_000);
        throw new Error('disk on fire');
      })(),
      result: () => ({ digest: layer.digest, size: layer.size }),
    });
    const pushed = client.repository(`${server.host}/demo`).blobs.pushStream(broken);
    await expect(pushed).rejects.toThrow('disk on fire');
    expect(log).toEqual(['POST', 'PATCH', 'DELETE']);
  });

  it('can be canceled while its source gives nothing', async () => {
    await using registry = await startRegistry();
    await using client = createRegistryClient({ tlsVerify: false });
    const abort = new AbortController();
    const silent = (): StreamedBlob => ({
      chunks: (async function* () {
        yield layerBytes.subarray(0, 50_000);
        abort.abort();
        await new Promise(() => undefined);
      })(),
      result: () => ({ digest: layer.digest, size: layer.size }),
    });
    const { blobs } = client.repository(`${registry.host}/demo`);
    const failed = blobs.pushStream(silent, { signal: abort.signal });
    await expect(failed).rejects.toMatchObject({ code: Code.Canceled });
  });

  it.each([
    ['says that it has more than it was sent', '0-9999999', /has 10000000 bytes/],
    ['takes no byte', '0-0', /takes no more bytes/],
  ])('is not fooled by a registry that %s', async (_name, range, message) => {
    await using server = await startScripted((request, response) => {
      const location = '/v2/demo/blobs/uploads/1';
      request.resume().on('end', () => response.writeHead(202, { location, range }).end());
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry(2).retry });
    const pushed = client.repository(`${server.host}/demo`).blobs.pushStream(streamOf(layerBytes));
    await expect(pushed).rejects.toThrow(message);
  });

  it('asks again when bytes of a broken request arrived after it had asked', async () => {
    const log: string[] = [];
    let had = 0;
    await using server = await startScripted((request, response) => {
      const { method = '', headers } = request;
      log.push(method);
      const location = '/v2/demo/blobs/uploads/1';
      if (log.length === 2) return void request.once('data', () => response.destroy());
      // The third request is told of what the registry has, and then the registry has more.
      if (log.length === 3) {
        response.writeHead(202, { location, range: '0-99999' }).end();
        had = 300_000;
        return;
      }
      request.resume().on('end', () => {
        const [start = '0', last = '0'] = headers['content-range']?.split('-') ?? [];
        const fits = method !== 'PATCH' || Number(start) === had;
        if (method === 'PATCH' && fits) had = Number(last) + 1;
        response.writeHead(fits ? (method === 'PUT' ? 201 : 202) : 416, { location, range: `0-${had - 1}` });
        response.end();
      });
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry(2).retry });
    const pushed = await client.repository(`${server.host}/demo`).blobs.pushStream(streamOf(layerBytes));
    expect(pushed.digest).toBe(layer.digest);
    expect(log).toEqual(['POST', 'PATCH', 'GET', 'PATCH', 'GET', 'PATCH', 'PUT']);
  });

  it('does not hold as much in memory as a registry likes', async () => {
    const log: string[] = [];
    await using server = await startScripted((request, response) => {
      log.push(request.method ?? '');
      const location = '/v2/demo/blobs/uploads/1';
      const least = { location, 'oci-chunk-min-length': '999999999999', range: '0-9' };
      request.resume().on('end', () => response.writeHead(202, least).end());
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry(2).retry });
    const pushed = client.repository(`${server.host}/demo`).blobs.pushStream(streamOf(layerBytes));
    await expect(pushed).rejects.toMatchObject({ code: Code.ResourceExhausted });
    expect(log).toEqual(['POST', 'PATCH', 'DELETE']);
  });

  it('does not wait for an hour because a registry asks for it', async () => {
    const { retry, waits } = eagerRetry();
    await using server = await startScripted((request, response) => {
      const location = '/v2/demo/blobs/uploads/1';
      const headers = { location, 'retry-after': '3600' };
      const status = request.method === 'PATCH' ? 503 : 202;
      request.resume().on('end', () => response.writeHead(status, headers).end());
    });
    await using client = createRegistryClient({ tlsVerify: false, retry });
    const pushed = client.repository(`${server.host}/demo`).blobs.pushStream(streamOf(layerBytes));
    await expect(pushed).rejects.toMatchObject({ code: Code.Unavailable });
    expect(waits).toEqual([]);
  });

  it('finds the blob there when only the last answer was lost', async () => {
    await using registry = await startRegistry();
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const lossy = createUndiciTransport();
    let lost = 0;
    await using cut = createRegistryClient({
      tlsVerify: false,
      retry: eagerRetry().retry,
      transport: {
        ...lossy,
        async send(request) {
          const response = await lossy.send(request);
          if (request.method !== 'PUT' || lost++ > 0) return response;
          for await (const _ of response.body);
          throw Object.assign(new Error('the line broke'), { code: 'ECONNRESET' });
        },
      },
    });
    const pushed = await cut.repository(`${registry.host}/demo`).blobs.pushStream(streamOf(layerBytes));
    expect([pushed.digest, lost]).toEqual([layer.digest, 1]);
    const { blobs } = client.repository(`${registry.host}/demo`);
    expect(await blobs.head(layer.digest)).toMatchObject({ size: layer.size });
  });
});

// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import { Code } from '@lading/errors';
import { digestBytes, MediaType } from '@lading/image-spec';
import { createRegistryClient, type RegistryClientOptions } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { collect, randomImage, sourceOf } from './image.ts';
import { eagerRetry, type Script, startScripted } from './scripted-server.ts';

const image = await randomImage(300_000);
const { layer, layerBytes, manifest } = image;
const digest = await digestBytes(manifest);
const head = { 'content-type': MediaType.ImageManifest };
const anna = { username: 'anna', password: 'secret' };
const basic = `Basic ${btoa('anna:secret')}`;

const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));

function clientOf(options: RegistryClientOptions = {}) {
  return createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry, ...options });
}

interface Case {
  readonly name: string;
  /** What comes of it; undefined: the manifest. */
  readonly expected?: object;
  /** Tries that the server sees. */
  readonly tries: number;
  readonly script: Script;
}

/** Misbehaves so often, then answers. */
const first =
  (times: number, misbehave: Script): Script =>
  (request, response, count) =>
    count <= times ? misbehave(request, response, count) : void response.writeHead(200, head).end(manifest);

const raw =
  (text: string): Script =>
  (request) =>
    void request.socket.end(text);
const unavailable = { code: Code.Unavailable };

describe('a manifest is asked for, and the server', () => {
  const cases: readonly Case[] = [
    { name: 'cuts the connection before an answer, once', tries: 2, script: first(1, raw('')) },
    {
      name: 'cuts the connection in the middle of a header, once',
      tries: 2,
      script: first(1, raw('HTTP/1.1 200 OK\r\nconte')),
    },
    {
      name: 'cuts the connection in the middle of the body, once',
      tries: 2,
      script: first(1, raw('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{')),
    },
    {
      name: 'cuts the connection in the middle of a header, each time',
      tries: 4,
      script: raw('HTTP/1.1 200 OK\r\nconte'),
      expected: unavailable,
    },
    {
      name: 'promises more than it sends',
      tries: 4,
      script: raw(
        `HTTP/1.1 200 OK\r\ncontent-length: ${manifest.length + 1}\r\n\r\n${Buffer.from(manifest)}`,
      ),
      expected: unavailable,
    },
    {
      name: 'sends more than it promises',
      tries: 1,
      script: raw(
        `HTTP/1.1 200 OK\r\ncontent-type: ${MediaType.ImageManifest}\r\ncontent-length: 10\r\n\r\n${Buffer.from(manifest)}`,
      ),
      expected: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'promises nothing and ends with the connection',
      tries: 1,
      script: raw(
        `HTTP/1.1 200 OK\r\ncontent-type: ${MediaType.ImageManifest}\r\n\r\n${Buffer.from(manifest)}`,
      ),
    },
    {
      name: 'speaks no HTTP',
      tries: 1,
      script: raw('SSH-2.0-OpenSSH_9.2p1\r\n\r\n'),
      expected: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'sends a length that is no number',
      tries: 1,
      script: raw('HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n'),
      expected: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'sends a megabyte of headers',
      tries: 1,
      script: raw(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`),
      expected: { code: Code.ResourceExhausted, reason: 'HEADERS_TOO_LARGE' },
    },
    {
      name: 'is busy three times, with 408, 500 and 503',
      tries: 4,
      script: first(3, (_, response, count) =>
        response.writeHead([408, 500, 503][count - 1] ?? 500, { 'content-length': 0 }).end(),
      ),
    },
    {
      name: 'says 429 three times without Retry-After',
      tries: 4,
      script: first(3, (_, response) => response.writeHead(429).end()),
    },
    {
      name: 'redirects to a place relative to itself',
      tries: 2,
      script: first(1, (_, response) =>
        response.writeHead(302, { location: '../blobs/elsewhere?x=1' }).end(),
      ),
    },
    {
      name: 'redirects in a circle of two',
      tries: 6,
      script: (_, response, count) => response.writeHead(307, { location: `/v2/demo/${count % 2}` }).end(),
      expected: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'redirects to nowhere',
      tries: 1,
      script: (_, response) => response.writeHead(307, { location: 'https://' }).end(),
      expected: { code: Code.PermissionDenied, reason: 'UNSAFE_LOCATION' },
    },
    {
      name: 'redirects without saying where to',
      tries: 1,
      script: (_, response) => response.writeHead(307).end(),
      expected: { code: Code.Internal, details: { status: 307 } },
    },
    {
      name: 'compresses what was to be sent as it is',
      tries: 1,
      script: (_, response) =>
        response.writeHead(200, { ...head, 'content-encoding': 'gzip' }).end(gzipSync(manifest)),
    },
    {
      name: 'sends a bomb of zeros, a thousand times its size when it goes off',
      tries: 1,
      script: (_, response) => response.writeHead(200, { ...head, 'content-encoding': 'gzip' }).end(bomb),
      expected: { code: Code.ResourceExhausted, reason: 'BODY_TOO_LARGE' },
    },
    {
      name: 'says gzip and sends something else',
      tries: 1,
      script: (_, response) => response.writeHead(200, { ...head, 'content-encoding': 'gzip' }).end(manifest),
      expected: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'compresses in a way that nobody asked for',
      tries: 1,
      script: (_, response) => response.writeHead(200, { ...head, 'content-encoding': 'br' }).end(manifest),
      expected: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'cuts the connection in the middle of a compressed body, once',
      tries: 2,
      script: first(1, (_, response) => {
        response.writeHead(200, { ...head, 'content-encoding': 'gzip', 'content-length': 5000 });
        response.write(gzipSync(manifest).subarray(0, 50), () => response.socket?.end());
      }),
    },
  ];

  it.each(cases)('$name', async ({ script, expected, tries }) => {
    await using server = await startScripted(script);
    await using client = clientOf();
    const fetched = client.repository(`${server.host}/demo`).manifests.fetch('latest');
    if (expected === undefined) expect((await fetched).descriptor.digest).toBe(digest);
    else await expect(fetched).rejects.toMatchObject(expected);
    expect(server.requests).toHaveLength(tries);
  });

  it('gives no length and no digest to HEAD, so that GET has to tell', async () => {
    await using server = await startScripted((request, response) => {
      response.writeHead(200, head);
      response.end(request.method === 'HEAD' ? undefined : manifest);
    });
    await using client = clientOf();
    const found = await client.repository(`${server.host}/demo`).resolve('latest');
    expect(found).toEqual({ mediaType: MediaType.ImageManifest, digest, size: manifest.length });
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  it('gives to HEAD the length of compressed bytes, which is not that of the manifest', async () => {
    await using server = await startScripted((request, response) => {
      const packed = gzipSync(manifest);
      const lengths = { 'content-encoding': 'gzip', 'content-length': packed.length };
      response.writeHead(200, { ...head, ...lengths, 'docker-content-digest': digest });
      response.end(request.method === 'HEAD' ? undefined : packed);
    });
    await using client = clientOf();
    expect(await client.repository(`${server.host}/demo`).resolve('latest')).toMatchObject({
      size: manifest.length,
    });
  });
});

describe('a server that takes its time', () => {
  const limits = { headersTimeoutMs: 200, bodyTimeoutMs: 200, minBytesPerSecond: 1000 };

  it('and gives no head is left', async () => {
    await using server = await startScripted(() => undefined);
    await using client = clientOf({ timeLimits: limits, retry: eagerRetry(2).retry });
    await expect(client.repository(`${server.host}/demo`).resolve('latest')).rejects.toMatchObject({
      code: Code.DeadlineExceeded,
      reason: 'TIMEOUT',
    });
    expect(server.requests).toHaveLength(2);
  });

  it('and sends a byte now and then is left', async () => {
    await using server = await startScripted((_, response) => {
      response.writeHead(200, head);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    await using client = clientOf({ timeLimits: limits, retry: eagerRetry(1).retry });
    await expect(client.repository(`${server.host}/demo`).manifests.fetch('latest')).rejects.toMatchObject({
      code: Code.DeadlineExceeded,
      reason: 'TOO_SLOW',
    });
  });

  it('and sends slowly but steadily is waited for, for many times the limit', async () => {
    await using server = await startScripted((_, response) => {
      let at = 0;
      const timer = setInterval(() => {
        response.write(layerBytes.subarray(at, at + 5000));
        at += 5000;
        if (at >= layer.size) response.end();
      }, 20);
      response.on('close', () => clearInterval(timer));
    });
    await using client = clientOf({ timeLimits: limits, retry: eagerRetry(1).retry });
    const bytes = await collect(client.repository(`${server.host}/demo`).blobs.open(layer));
    expect(bytes.equals(layerBytes)).toBe(true);
  });

  it('does not read an upload is left, and one that is waited for by its own source is not', async () => {
    let reads = false;
    await using server = await startScripted((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      if (request.method === 'POST') return void response.writeHead(202, { location: '/v2/demo/u/1' }).end();
      if (reads) request.resume().on('end', () => response.writeHead(201).end());
      else request.pause();
    });
    await using client = clientOf({ timeLimits: limits, retry: eagerRetry(1).retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    const large = { digest: layer.digest, size: 50_000_000 };
    const zeros = async function* () {
      for (let sent = 0; sent < large.size; sent += 1_000_000) yield new Uint8Array(1_000_000);
    };
    await expect(blobs.push(large, zeros)).rejects.toMatchObject({ reason: 'TIMEOUT' });
    reads = true;
    const slow = async function* () {
      yield layerBytes.subarray(0, 1000);
      await new Promise((resolve) => setTimeout(resolve, 500));
      yield layerBytes.subarray(1000);
    };
    expect(await blobs.push(layer, slow)).toEqual({ state: 'uploaded' });
  });
});

describe('an upload', () => {
  it.each([
    ['after the first bytes', true],
    ['before it reads a byte', false],
  ])('that is refused with 401 %s is sent anew from its source', async (_, readsFirst) => {
    const received: Buffer[] = [];
    let puts = 0;
    await using server = await startScripted((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      if (request.method === 'POST') return void response.writeHead(202, { location: '/v2/demo/u/1' }).end();
      puts += 1;
      if (puts === 1) {
        const refuse = () => response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
        return readsFirst ? void request.once('data', refuse) : void refuse();
      }
      request.on('data', (chunk: Buffer) => received.push(chunk));
      request.on('end', () => response.writeHead(201).end());
    });
    await using client = clientOf({ credentials: () => anna });
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.push(layer, sourceOf(layerBytes))).toEqual({ state: 'uploaded' });
    expect(Buffer.concat(received).equals(layerBytes)).toBe(true);
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([
      undefined,
      undefined,
      undefined,
      basic,
    ]);
  });
});

describe('no credential reaches', () => {
  it('another address or port, by redirect, upload location, realm or page', async () => {
    const spies = await Promise.all(
      ['127.0.0.1', '127.0.0.2'].map((address) =>
        startScripted((request, response) => {
          request.resume().on('end', () => {
            response.writeHead(401, { 'www-authenticate': 'Basic realm="give"' }).end();
          });
        }, address),
      ),
    );
    try {
      for (const spy of spies) {
        await using registry = await startScripted((request, response) => {
          const elsewhere = `http://${spy.host}${request.url}`;
          if (request.headers.authorization !== basic) {
            return void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
          }
          if (request.method === 'POST') return void response.writeHead(202, { location: elsewhere }).end();
          if (request.method === 'HEAD') return void response.writeHead(404).end();
          if (request.url?.includes('tags'))
            response.setHeader('link', `<${elsewhere}>; rel="next"`).end('{"tags":["a"]}');
          else response.writeHead(307, { location: elsewhere }).end();
        });
        await using client = clientOf({ credentials: (host) => (host === registry.host ? anna : undefined) });
        const { blobs, manifests, tags } = client.repository(`${registry.host}/demo`);
        await expect(manifests.fetch('latest')).rejects.toMatchObject({ code: Code.Unauthenticated });
        await expect(collect(blobs.open(layer))).rejects.toMatchObject({ code: Code.Unauthenticated });
        await expect(blobs.push(layer, sourceOf(layerBytes))).rejects.toMatchObject({
          code: Code.Unauthenticated,
        });
        await expect(Array.fromAsync(tags())).rejects.toMatchObject({ reason: 'UNEXPECTED_RESPONSE' });
        expect(
          registry.requests.filter(({ authorization }) => authorization === basic).length,
        ).toBeGreaterThan(3);
        expect(spy.requests.length).toBeGreaterThanOrEqual(3);
        expect(spy.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
      }
    } finally {
      for (const spy of spies) await spy[Symbol.asyncDispose]();
    }
  });
});

// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import { Code } from '@lading/errors';
import { MediaType } from '@lading/image-spec';
import { createRegistryClient } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { collect, randomImage, sourceOf } from './image.ts';
import { eagerRetry, type Script, startScripted } from './scripted-server.ts';

const image = await randomImage(300_000);
const { layer, layerBytes, manifest } = image;
const changed = Uint8Array.from(layerBytes, (byte) => byte ^ 1);
const manifestHead = { 'content-type': MediaType.ImageManifest };

interface Case {
  readonly name: string;
  readonly script: Script;
  readonly expected: object;
}

describe('reading a blob fails when the registry', () => {
  const cases: readonly Case[] = [
    {
      name: 'sends other bytes',
      script: (_, response) => response.end(changed),
      expected: { code: Code.DataLoss, reason: 'DIGEST_MISMATCH' },
    },
    {
      name: 'ends too early',
      script: (_, response) => response.end(layerBytes.subarray(0, 1000)),
      expected: { code: Code.DataLoss, reason: 'TRUNCATED' },
    },
    {
      name: 'sends more than the descriptor says, without an end',
      script: (_, response) => Readable.from(endless(changed)).pipe(response),
      expected: { code: Code.DataLoss, reason: 'SIZE_MISMATCH' },
    },
    {
      name: 'cuts the connection each time',
      script: (_, response) => {
        response.writeHead(200, { 'content-length': layer.size });
        response.write(layerBytes.subarray(0, 10));
        setImmediate(() => response.destroy());
      },
      expected: { code: Code.Unavailable },
    },
    {
      name: 'continues from another byte than asked for',
      script: (request, response) => {
        if (request.headers.range === undefined) return void cutAfter(response, 1000);
        response.writeHead(206, { 'content-range': `bytes 0-9/${layer.size}` }).end('0123456789');
      },
      expected: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'redirects for ever',
      script: (request, response) => response.writeHead(307, { location: request.url }).end(),
      expected: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'redirects to a file of this machine',
      script: (_, response) => response.writeHead(307, { location: 'file:///etc/passwd' }).end(),
      expected: { code: Code.PermissionDenied, reason: 'UNSAFE_LOCATION' },
    },
    {
      name: 'has lost it',
      script: (_, response) => response.writeHead(404).end('<html>not here</html>'),
      expected: { code: Code.NotFound, reason: 'BLOB_UNKNOWN' },
    },
    {
      name: 'forbids it',
      script: (_, response) =>
        response.writeHead(403).end('{"errors":[{"code":"DENIED","message":"no\\u001b[31m\\nway"}]}'),
      expected: {
        code: Code.PermissionDenied,
        reason: 'DENIED',
        message: expect.stringMatching(/DENIED: no \[31m way$/),
      },
    },
    {
      name: 'explains itself in ten megabytes',
      script: (_, response) => response.writeHead(500).end('x'.repeat(10_000_000)),
      expected: { code: Code.Unavailable, message: expect.stringMatching(/^.{0,300}$/) },
    },
  ];

  it.each(cases)('$name', async ({ script, expected }) => {
    await using server = await startScripted(script);
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const blobs = client.repository(`${server.host}/demo`).blobs;
    await expect(collect(blobs.open(layer))).rejects.toMatchObject(expected);
    expect(server.requests.length).toBeLessThanOrEqual(6);
  });
});

describe('reading a manifest fails when the registry', () => {
  const wrongDigest = `sha256:${'0'.repeat(64)}`;
  const cases: readonly Case[] = [
    {
      name: 'names another digest than that of the bytes',
      script: (_, response) =>
        response.writeHead(200, { ...manifestHead, 'docker-content-digest': wrongDigest }).end(manifest),
      expected: { code: Code.DataLoss, reason: 'DIGEST_MISMATCH' },
    },
    {
      name: 'sends an HTML page with status 200',
      script: (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
      expected: {
        code: Code.Internal,
        reason: 'UNEXPECTED_RESPONSE',
        message: expect.stringContaining('HTML'),
      },
    },
    {
      name: 'calls a manifest an index',
      script: (_, response) =>
        response.writeHead(200, { 'content-type': MediaType.ImageIndex }).end(manifest),
      expected: { code: Code.DataLoss, reason: 'MEDIA_TYPE_MISMATCH' },
    },
    {
      name: 'sends what is a manifest and an index at once',
      script: (_, response) =>
        response
          .writeHead(200, manifestHead)
          .end(JSON.stringify({ ...JSON.parse(Buffer.from(manifest).toString()), manifests: [] })),
      expected: {
        code: Code.DataLoss,
        reason: 'MEDIA_TYPE_MISMATCH',
        message: expect.stringMatching(/that has "manifests" too/),
      },
    },
    {
      name: 'sends what is no JSON',
      script: (_, response) => response.writeHead(200, manifestHead).end('{'),
      expected: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'sends five megabytes',
      script: (_, response) => response.writeHead(200, manifestHead).end(' '.repeat(5 * 1024 * 1024)),
      expected: { code: Code.ResourceExhausted, reason: 'BODY_TOO_LARGE' },
    },
  ];

  it.each(cases)('$name', async ({ script, expected }) => {
    await using server = await startScripted(script);
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { manifests } = client.repository(`${server.host}/demo`);
    await expect(manifests.fetch('latest')).rejects.toMatchObject(expected);
  });

  it('sends another manifest than the digest asked for', async () => {
    await using server = await startScripted((_, response) =>
      response.writeHead(200, manifestHead).end(manifest),
    );
    await using client = createRegistryClient({ tlsVerify: false });
    const { manifests } = client.repository(`${server.host}/demo`);
    await expect(manifests.fetch(wrongDigest)).rejects.toMatchObject({
      code: Code.DataLoss,
      reason: 'DIGEST_MISMATCH',
    });
  });
});

describe('a client gets through when the registry', () => {
  it('says 429 with Retry-After, then answers', async () => {
    await using server = await startScripted((_, response, count) => {
      if (count === 1) return void response.writeHead(429, { 'retry-after': '7' }).end();
      response.end(layerBytes);
    });
    const { retry, waits } = eagerRetry();
    await using client = createRegistryClient({ tlsVerify: false, retry });
    const bytes = await collect(client.repository(`${server.host}/demo`).blobs.open(layer));
    expect(bytes.equals(layerBytes)).toBe(true);
    expect(waits).toEqual([7000]);
  });

  it.each([
    { name: 'with Range', ranges: true },
    { name: 'without Range', ranges: false },
  ])('cuts the connection in the middle and goes on $name', async ({ ranges }) => {
    await using server = await startScripted((request, response, count) => {
      if (count === 1) return void cutAfter(response, 100_000);
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (!ranges) return void response.end(layerBytes);
      response.writeHead(206, { 'content-range': `bytes ${start}-${layer.size - 1}/${layer.size}` });
      response.end(layerBytes.subarray(start));
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const bytes = await collect(client.repository(`${server.host}/demo`).blobs.open(layer));
    expect(bytes.equals(layerBytes)).toBe(true);
    expect(server.requests).toHaveLength(2);
  });

  it('cuts an upload and takes it whole the second time', async () => {
    const received: Buffer[] = [];
    let puts = 0;
    await using server = await startScripted((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      if (request.method === 'POST')
        return void response.writeHead(202, { location: '/v2/demo/blobs/uploads/1?_state=a%2Bb' }).end();
      if (request.method === 'GET') return void response.writeHead(404).end();
      puts += 1;
      if (puts === 1) return void request.once('data', () => request.destroy());
      request.on('data', (chunk: Buffer) => received.push(chunk));
      request.on('end', () => response.writeHead(201).end());
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    expect(await blobs.push(layer, sourceOf(layerBytes))).toEqual({ state: 'uploaded' });
    expect(Buffer.concat(received).equals(layerBytes)).toBe(true);
    expect(server.requests.at(-1)?.path).toBe(
      `/v2/demo/blobs/uploads/1?_state=a%2Bb&digest=${encodeURIComponent(layer.digest)}`,
    );
  });
});

describe('a client gives up at once when', () => {
  it('the registry wants a pause of an hour', async () => {
    await using server = await startScripted((_, response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    const { retry, waits } = eagerRetry();
    await using client = createRegistryClient({ tlsVerify: false, retry });
    await expect(client.repository(`${server.host}/demo`).resolve('latest')).rejects.toMatchObject({
      code: Code.ResourceExhausted,
    });
    expect(waits).toEqual([]);
  });

  it('the source of an upload fails, with the error of the source', async () => {
    await using server = await startScripted((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      if (request.method === 'POST')
        return void response.writeHead(202, { location: '/v2/demo/blobs/uploads/1' }).end();
      if (request.method === 'DELETE') return void response.writeHead(204).end();
      request.resume();
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const broken = new Error('the disk is gone');
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield layerBytes.subarray(0, 10);
      throw broken;
    };
    await expect(client.repository(`${server.host}/demo`).blobs.push(layer, source)).rejects.toBe(broken);
  });

  it.each([
    { name: 'more', bytes: Buffer.concat([layerBytes, layerBytes]) },
    { name: 'less', bytes: layerBytes.subarray(1) },
  ])('the source of an upload has $name bytes than announced', async ({ bytes }) => {
    await using server = await startScripted((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      if (request.method === 'POST')
        return void response.writeHead(202, { location: '/v2/demo/blobs/uploads/1' }).end();
      if (request.method === 'DELETE') return void response.writeHead(204).end();
      request.resume();
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const push = client.repository(`${server.host}/demo`).blobs.push(layer, sourceOf(bytes));
    await expect(push).rejects.toMatchObject({ code: Code.InvalidArgument, reason: 'SIZE_MISMATCH' });
  });
});

function cutAfter(response: Parameters<Script>[1], bytes: number): void {
  response.writeHead(200, { 'content-length': layer.size });
  response.write(layerBytes.subarray(0, bytes), () => response.socket?.end());
}

function* endless(bytes: Uint8Array): Generator<Uint8Array> {
  for (;;) yield bytes;
}

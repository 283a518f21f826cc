// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Code } from '@lading/errors';
import { type Digest, digestBytes } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { type BlobProgress, createRegistryClient } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { collect, randomImage, sourceOf } from './image.ts';
import { eagerRetry, startScripted } from './scripted-server.ts';

const { layer, layerBytes } = await randomImage(100_000);
const registries = [
  { name: 'lading-registry', start: () => startRegistry() },
  { name: "Debian's docker-registry", start: () => startDockerRegistry() },
];

describe.each(registries)('a part of a blob of $name', ({ start }) => {
  it.each([
    { offset: 0, length: 10 },
    { offset: 99_990, length: 10 },
    { offset: 5_000, length: undefined },
    { offset: 50_000, length: 0 },
    { offset: 100_000, length: 0 },
    { offset: 0, length: 100_000 },
  ])('from $offset on, $length bytes', async ({ offset, length }) => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${registry.host}/demo`);
    await blobs.push(layer, sourceOf(layerBytes));
    const events: BlobProgress[] = [];
    const onProgress = (event: BlobProgress) => events.push(event);
    const expected = layerBytes.subarray(offset, offset + (length ?? layer.size));
    expect((await collect(blobs.open(layer, { offset, length, onProgress }))).equals(expected)).toBe(true);
    expect(events.at(-1)).toMatchObject({ state: 'done', current: expected.length, total: expected.length });
  });
});

it.each([
  { offset: -1 },
  { offset: 100_001 },
  { offset: 99_999, length: 2 },
  { offset: 0.5 },
  { length: Number.NaN },
])('a part that is none, as %j, is not asked for', async (options) => {
  await using server = await startScripted((_, response) => response.end(layerBytes));
  await using client = createRegistryClient({ tlsVerify: false });
  const { blobs } = client.repository(`${server.host}/demo`);
  expect(() => blobs.open(layer, options)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  expect(server.requests).toEqual([]);
});

describe('a part of a blob', () => {
  it('is cut out where the registry sends the whole', async () => {
    await using server = await startScripted((_, response) => response.end(layerBytes));
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    const part = await collect(blobs.open(layer, { offset: 70_000, length: 1_000 }));
    expect(part.equals(layerBytes.subarray(70_000, 71_000))).toBe(true);
  });

  it('is refused where the registry sends the whole, if nothing else will do', async () => {
    let isWhole = true;
    await using server = await startScripted((request, response) => {
      if (isWhole) response.end(layerBytes);
      else sendRange(request, response);
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    const read = () => collect(blobs.open(layer, { offset: 70_000, length: 1_000, partOnly: true }));
    await expect(read()).rejects.toMatchObject({ code: Code.Unimplemented, reason: 'RANGE_UNSUPPORTED' });
    isWhole = false;
    expect((await read()).equals(layerBytes.subarray(70_000, 71_000))).toBe(true);
  });

  it('goes on after a broken connection, up to its own end', async () => {
    const ranges: (string | undefined)[] = [];
    await using server = await startScripted((request, response, count) => {
      ranges.push(request.headers.range);
      sendRange(request, response, count === 1 ? 500 : undefined);
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    const part = await collect(blobs.open(layer, { offset: 2_000, length: 1_000 }));
    expect(part.equals(layerBytes.subarray(2_000, 3_000))).toBe(true);
    expect(ranges).toEqual(['bytes=2000-2999', 'bytes=2500-2999']);
  });

  it.each([
    { name: 'ends too early', body: 500, reason: 'TRUNCATED' },
    { name: 'is longer than asked for', body: 1_500, reason: 'SIZE_MISMATCH' },
  ])('that $name is an error', async ({ body, reason }) => {
    await using server = await startScripted((_, response) => {
      response.writeHead(206, { 'content-range': `bytes 2000-2999/${layer.size}` });
      response.end(layerBytes.subarray(2_000, 2_000 + body));
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const { blobs } = client.repository(`${server.host}/demo`);
    await expect(collect(blobs.open(layer, { offset: 2_000, length: 1_000 }))).rejects.toMatchObject({
      code: Code.DataLoss,
      reason,
    });
  });
});

describe('a download that broke', () => {
  it('asks for the same bytes with If-Range, and takes the whole again where they changed', async () => {
    const asked: (string | undefined)[] = [];
    await using server = await startScripted((request, response, count) => {
      asked.push(request.headers['if-range'] as string | undefined);
      if (count === 1) return cut(response, 40_000, { etag: '"one"' });
      response.end(layerBytes);
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const bytes = await collect(client.repository(`${server.host}/demo`).blobs.open(layer));
    expect(bytes.equals(layerBytes)).toBe(true);
    expect(asked).toEqual([undefined, '"one"']);
  });

  it('does not send a weak ETag', async () => {
    const asked: unknown[] = [];
    await using server = await startScripted((request, response, count) => {
      asked.push(request.headers['if-range']);
      if (count === 1) return cut(response, 40_000, { etag: 'W/"one"' });
      sendRange(request, response);
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    await collect(client.repository(`${server.host}/demo`).blobs.open(layer));
    expect(asked).toEqual([undefined, undefined]);
  });

  it('is done when it broke after the last byte', async () => {
    await using server = await startScripted((_, response) => {
      response.writeHead(200, { 'content-length': layer.size + 1 });
      response.write(layerBytes, () => response.socket?.end());
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const bytes = await collect(client.repository(`${server.host}/demo`).blobs.open(layer));
    expect(bytes.equals(layerBytes)).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  it('breaks as often as it likes while a megabyte comes each time', async () => {
    const size = 8 * 1024 * 1024;
    const big = new Uint8Array(size).fill(9);
    const digest: Digest = await digestBytes(big);
    await using server = await startScripted((request, response) => {
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(start === 0 ? 200 : 206, {
        'content-range': `bytes ${start}-${size - 1}/${size}`,
        'content-length': size - start,
      });
      const part = big.subarray(start, start + 1024 * 1024);
      response.write(part, () => response.socket?.end());
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry(2).retry });
    const bytes = await collect(client.repository(`${server.host}/demo`).blobs.open({ digest, size }));
    expect(bytes.equals(big)).toBe(true);
  });

  it.each([
    {
      name: 'is of another size than the descriptor says',
      range: `bytes 40000-99999/100001`,
      error: { code: Code.DataLoss, reason: 'SIZE_MISMATCH' },
    },
    {
      name: 'begins elsewhere',
      range: `bytes 39999-99999/100000`,
      error: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'does not say where it begins',
      range: undefined,
      error: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
    {
      name: 'ends before it begins',
      range: 'bytes 40000-3/100000',
      error: { code: Code.Internal, reason: 'UNEXPECTED_RESPONSE' },
    },
  ])('fails when its continuation $name', async ({ range, error }) => {
    await using server = await startScripted((_, response, count) => {
      if (count === 1) return cut(response, 40_000);
      response.writeHead(206, range === undefined ? {} : { 'content-range': range });
      response.end(layerBytes.subarray(40_000));
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    await expect(collect(blobs.open(layer))).rejects.toMatchObject(error);
  });

  it('is truncated when the registry has nothing after it (416)', async () => {
    await using server = await startScripted((_, response, count) => {
      if (count === 1) return cut(response, 40_000);
      response.writeHead(416, { 'content-range': 'bytes */40000' }).end();
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${server.host}/demo`);
    await expect(collect(blobs.open(layer))).rejects.toMatchObject({
      code: Code.DataLoss,
      reason: 'TRUNCATED',
    });
  });
});

it('a blob of no bytes is one', async () => {
  await using registry = await startRegistry();
  await using client = createRegistryClient({ tlsVerify: false });
  const { blobs } = client.repository(`${registry.host}/demo`);
  const empty = { digest: await digestBytes(new Uint8Array()), size: 0 };
  expect(await blobs.push(empty, sourceOf(new Uint8Array()))).toEqual({ state: 'uploaded' });
  expect(await collect(blobs.open(empty))).toHaveLength(0);
});

it('a blob by sha512 is verified too', async () => {
  await using registry = await startRegistry();
  await using client = createRegistryClient({ tlsVerify: false });
  const { blobs } = client.repository(`${registry.host}/demo`);
  const descriptor = { digest: await digestBytes(layerBytes, 'sha512'), size: layer.size };
  await blobs.push(descriptor, sourceOf(layerBytes));
  expect((await collect(blobs.open(descriptor))).equals(layerBytes)).toBe(true);
  await using server = await startScripted((_, response) =>
    response.end(Uint8Array.from(layerBytes, (b) => b ^ 1)),
  );
  const changed = client.repository(`${server.host}/demo`).blobs.open(descriptor);
  await expect(collect(changed)).rejects.toMatchObject({ reason: 'DIGEST_MISMATCH' });
});

it('a digest that cannot be computed is refused before anything is asked', async () => {
  await using server = await startScripted((_, response) => response.end(layerBytes));
  await using client = createRegistryClient({ tlsVerify: false });
  const { blobs } = client.repository(`${server.host}/demo`);
  const digest = `blake3:${'a'.repeat(64)}` as Digest;
  expect(() => blobs.open({ digest, size: 1 })).toThrow(
    expect.objectContaining({ code: Code.Unimplemented, reason: 'UNSUPPORTED' }),
  );
  expect(server.requests).toEqual([]);
});

function cut(response: ServerResponse, bytes: number, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-length': layer.size, ...headers });
  response.write(layerBytes.subarray(0, bytes), () => response.socket?.end());
}

/** Answers a Range; with `cutAfter` the connection breaks after so many bytes. */
function sendRange(request: IncomingMessage, response: ServerResponse, cutAfter?: number): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? 'bytes=0-') ?? [];
  const [start, end] = [Number(first), last === '' ? layer.size : Number(last) + 1];
  response.writeHead(request.headers.range === undefined ? 200 : 206, {
    'content-range': `bytes ${start}-${end - 1}/${layer.size}`,
    'content-length': end - start,
  });
  if (cutAfter === undefined) response.end(layerBytes.subarray(start, end));
  else response.write(layerBytes.subarray(start, start + cutAfter), () => response.socket?.end());
}

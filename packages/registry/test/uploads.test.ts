// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { codeOf, kinds, openWorld, sha256, sha512, type World } from './world.ts';

const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));

/** Sends a request's head and the first part of its body, which its Content-Length says is not the whole. */
async function sendPart({ server }: World, method: string, path: string, part: Uint8Array) {
  const headers = { 'content-length': `${bytes.length}` };
  const outgoing = request(new URL(path, server.url), { method, headers });
  const closed = new Promise((resolve) => outgoing.once('close', resolve));
  outgoing.on('error', () => undefined); // that it is cut off is what is tested
  await new Promise((resolve) => outgoing.write(part, resolve));
  return { outgoing, closed };
}

const progress = async (world: World, location: string) =>
  (await world.ask('GET', location)).headers.get('range');

describe.each(kinds)('uploads to a registry $name', ({ onFolder }) => {
  it.each(['?digest-algorithm=sha512', ''])('begun with "%s" may end with either digest', async (query) => {
    await using world = await openWorld(onFolder);
    for (const digest of [sha256(bytes), sha512(bytes)]) {
      const location = await world.begin('a', query);
      expect((await world.ask('PATCH', location, bytes.subarray(0, 9))).status).toBe(202);
      const put = await world.ask('PUT', `${location}?digest=${digest}`, bytes.subarray(9));
      expect([put.status, put.headers.get('docker-content-digest')]).toEqual([201, digest]);
      expect(put.headers.get('location')).toBe(`/v2/a/blobs/${digest}`);
      const got = await (await world.ask('GET', `/v2/a/blobs/${digest}`)).arrayBuffer();
      expect(Buffer.from(got).equals(bytes)).toBe(true);
    }
  });

  it.each(['md5', 'sha', '', '../x'])('of the algorithm "%s" are refused', async (algorithm) => {
    await using world = await openWorld(onFolder);
    const response = await world.ask('POST', `/v2/a/blobs/uploads/?digest-algorithm=${algorithm}`);
    expect(await codeOf(response)).toEqual([400, 'DIGEST_INVALID']);
  });

  it('go on after a connection broke in the middle of a PATCH, and of the PUT', async () => {
    await using world = await openWorld(onFolder);
    const location = await world.begin('a');
    const put = `${location}?digest=${sha256(bytes)}`;
    let size = 0;
    for (const [method, path, end] of [
      ['PATCH', location, 1_200_000],
      ['PUT', put, 2_500_000],
    ] as const) {
      const { outgoing } = await sendPart(world, method, path, bytes.subarray(size, end));
      outgoing.destroy();
      await vi.waitFor(async () => expect(await progress(world, location)).toBe(`0-${end - 1}`));
      size = end;
    }
    const headers = { 'content-range': `${size}-${bytes.length - 1}` };
    expect((await world.ask('PUT', put, bytes.subarray(size), headers)).status).toBe(201);
  });

  it('belong to the newest request: one that still hangs is cut off', async () => {
    await using world = await openWorld(onFolder);
    const location = await world.begin('a');
    const { closed } = await sendPart(world, 'PATCH', location, bytes.subarray(0, 2_500_000));
    // More than it holds back has arrived, so the request has begun.
    await vi.waitFor(async () => expect(await progress(world, location)).not.toBe('0-0'));
    await vi.waitFor(async () => {
      const size = Number((await progress(world, location))?.slice(2)) + 1;
      const headers = { 'content-range': `${size}-${bytes.length - 1}` };
      const put = `${location}?digest=${sha256(bytes)}`;
      expect((await world.ask('PUT', put, bytes.subarray(size), headers)).status).toBe(201);
    });
    await closed;
  });

  it('are told how long a chunk must be, and held to it but for the last', async () => {
    await using world = await openWorld(onFolder, { chunkMinLength: 10 });
    const begun = await world.ask('POST', '/v2/a/blobs/uploads/');
    expect(begun.headers.get('oci-chunk-min-length')).toBe('10');
    const location = begun.headers.get('location') ?? '';
    const patch = (start: number, text: string) =>
      world.ask('PATCH', location, text, { 'content-range': `${start}-${start + text.length - 1}` });
    expect((await patch(0, '0123456789')).status).toBe(202);
    expect((await patch(10, 'short')).status).toBe(202);
    expect(await codeOf(await patch(15, '0123456789'))).toEqual([400, 'BLOB_UPLOAD_INVALID']);
    const digest = sha256('0123456789short');
    expect((await world.ask('PUT', `${location}?digest=${digest}`)).status).toBe(201);
  });

  it.each(['1-0', '0', 'a-b', '0-99999999999999999999', '-5', '0-4/3x', 'items 0-4'])(
    'refuse the Content-Range "%s"',
    async (range) => {
      await using world = await openWorld(onFolder);
      const location = await world.begin('a');
      const patch = await world.ask('PATCH', location, 'bytes', { 'content-range': range });
      expect(await codeOf(patch)).toEqual([400, 'BLOB_UPLOAD_INVALID']);
      expect(await progress(world, location)).toBe('0-0');
    },
  );

  it('refuse a chunk of another length than its Content-Range, and keep nothing of it', async () => {
    await using world = await openWorld(onFolder);
    const location = await world.begin('a');
    await world.ask('PATCH', location, 'abc');
    const lies = await world.ask('PATCH', location, 'defg', { 'content-range': '3-5' });
    expect(await codeOf(lies)).toEqual([400, 'SIZE_INVALID']);
    for (const text of ['defg', 'de']) {
      // Without a Content-Length only the body itself tells.
      const headers = { 'content-range': '3-5', 'transfer-encoding': 'chunked' };
      const outgoing = request(new URL(location, world.server.url), { method: 'PATCH', headers });
      outgoing.end(text);
      const [response] = await once(outgoing, 'response');
      response.resume();
      expect(response.statusCode).toBe(400);
      expect(await progress(world, location)).toBe('0-2');
    }
    const headers = { 'content-range': '3-5' };
    expect((await world.ask('PATCH', location, 'def', headers)).status).toBe(202);
    const put = await world.ask('PUT', `${location}?digest=${sha256('abcdef')}`);
    expect(put.status).toBe(201);
  });

  it('are over when they were cancelled, ended with a wrong digest, or not used for too long', async () => {
    await using world = await openWorld(onFolder, { uploadExpiryMs: 100 });
    const cancelled = await world.begin('a');
    expect((await world.ask('DELETE', cancelled)).status).toBe(204);
    expect(await codeOf(await world.ask('DELETE', cancelled))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    const wrong = await world.begin('a');
    const put = await world.ask('PUT', `${wrong}?digest=${sha256('y')}`, 'x');
    expect(await codeOf(put)).toEqual([400, 'DIGEST_INVALID']);
    expect(await codeOf(await world.ask('GET', wrong))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    const forgotten = await world.begin('a');
    await vi.waitFor(async () => {
      expect(await codeOf(await world.ask('GET', forgotten))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    });
    if (world.root === undefined) return;
    const folder = join(world.root, '_uploads');
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual([]));
  });

  it('are refused for now when as many as there may be are all being written to', async () => {
    await using world = await openWorld(onFolder);
    const requests = [];
    try {
      for (let count = 0; count < 200; count++) {
        const headers = { 'content-length': '10', expect: '100-continue' };
        const location = new URL(await world.begin('a'), world.server.url);
        const outgoing = request(location, { method: 'PATCH', headers });
        outgoing.on('error', () => undefined); // cut off at the end of the test
        requests.push(outgoing);
        outgoing.flushHeaders();
        await once(outgoing, 'continue');
      }
      const refused = await world.ask('POST', '/v2/a/blobs/uploads/');
      expect(refused.headers.get('retry-after')).toBe('5');
      expect(await codeOf(refused)).toEqual([429, 'TOOMANYREQUESTS']);
    } finally {
      for (const outgoing of requests) outgoing.destroy();
    }
  });

  it('are known in their own repository only', async () => {
    await using world = await openWorld(onFolder);
    const location = (await world.begin('a')).replace('/v2/a/', '/v2/b/');
    expect(await codeOf(await world.ask('PATCH', location, 'x'))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });

  it('in one POST leave nothing behind when the digest is wrong', async () => {
    await using world = await openWorld(onFolder);
    const wrong = await world.ask('POST', `/v2/a/blobs/uploads/?digest=${sha256('y')}`, 'x');
    expect(await codeOf(wrong)).toEqual([400, 'DIGEST_INVALID']);
    if (world.root !== undefined) expect(await readdir(join(world.root, '_uploads'))).toEqual([]);
  });
});

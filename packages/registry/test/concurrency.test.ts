// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { MediaType } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { kinds, oci, openWorld, sha256, talkTo } from './world.ts';

describe.each(kinds)('at once in a registry $name', ({ onFolder }) => {
  it('one blob may be pushed by many, and is there whole from the first answer on', async () => {
    await using world = await openWorld(onFolder);
    const bytes = randomBytes(2_000_000);
    const digest = sha256(bytes);
    const push = async (pusher: number) => {
      const location = await world.begin('a');
      await world.ask('PATCH', location, bytes.subarray(0, pusher * 100_000));
      const put = await world.ask('PUT', `${location}?digest=${digest}`, bytes.subarray(pusher * 100_000));
      const got = await (await world.ask('GET', `/v2/a/blobs/${digest}`)).arrayBuffer();
      return [put.status, Buffer.from(got).equals(bytes)];
    };
    const outcomes = await Promise.all([0, 1, 2, 3, 4, 5].map(push));
    expect(outcomes).toEqual(outcomes.map(() => [201, true]));
  });

  it('many tags may be put, moved and deleted, and none is lost', async () => {
    await using world = await openWorld(onFolder);
    const config = await world.put('a', '{}');
    const manifest = (name: string) =>
      JSON.stringify({ schemaVersion: 2, config, layers: [], annotations: { name } });
    const put = (tag: string, name: string) =>
      world.ask('PUT', `/v2/a/manifests/${tag}`, manifest(name), oci);
    const tags = Array.from({ length: 40 }, (_, number) => `t${number}`);
    const statuses = await Promise.all(
      tags.flatMap((tag) => [put(tag, tag), put('shared', tag), put(`${tag}-gone`, tag)]),
    );
    expect(statuses.every(({ status }) => status === 201)).toBe(true);
    await Promise.all(tags.map((tag) => world.ask('DELETE', `/v2/a/manifests/${tag}-gone`)));
    const check = async ({ ask }: Pick<typeof world, 'ask'>) => {
      const list = await (await ask('GET', '/v2/a/tags/list')).json();
      expect(list).toEqual({ name: 'a', tags: ['shared', ...tags].sort() });
      for (const tag of tags) {
        expect(await (await ask('GET', `/v2/a/manifests/${tag}`)).text()).toBe(manifest(tag));
      }
    };
    await check(world);
    if (world.root === undefined) return;
    await world.server.close();
    await using again = await startRegistry({ root: world.root });
    await check(talkTo(again.url));
  });

  it('a manifest may be pushed and deleted, and is there whole or not at all', async () => {
    await using world = await openWorld(onFolder);
    const text = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests: [] });
    const path = `/v2/a/manifests/${sha256(text)}`;
    const type = { 'content-type': MediaType.ImageIndex };
    for (let round = 0; round < 20; round++) {
      await Promise.all([
        world.ask('PUT', path, text, type),
        world.ask('DELETE', path),
        world.ask('PUT', path, text, type),
      ]);
      const got = await world.ask('GET', path);
      const blob = await world.ask('GET', `/v2/a/blobs/${sha256(text)}`);
      expect([got.status, blob.status]).toEqual([blob.status, got.status]);
      if (got.status === 200) expect([await got.text(), await blob.text()]).toEqual([text, text]);
    }
  });

  it('a blob that is deleted while it is read is read to its end', async () => {
    await using world = await openWorld(onFolder);
    const bytes = randomBytes(20_000_000);
    const location = await world.begin('a');
    const digest = sha256(bytes);
    expect((await world.ask('PUT', `${location}?digest=${digest}`, bytes)).status).toBe(201);
    const parts: Uint8Array[] = [];
    await new Promise<void>((resolve, reject) => {
      const request = get(`${world.server.url}/v2/a/blobs/${digest}`, (response) => {
        // Nothing is read before the blob is gone; what the sockets hold is much less than it.
        world.ask('DELETE', `/v2/a/blobs/${digest}`).then(({ status }) => {
          expect(status).toBe(202);
          response.on('data', (part: Uint8Array) => parts.push(part));
          response.on('end', resolve).on('error', reject);
        }, reject);
      });
      request.on('error', reject);
    });
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect((await world.ask('HEAD', `/v2/a/blobs/${digest}`)).status).toBe(404);
  });
});

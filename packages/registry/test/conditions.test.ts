// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { codeOf, kinds, oci, openWorld, sha256 } from './world.ts';

describe.each(kinds)('conditional requests to a registry $name', ({ onFolder }) => {
  it('answer 304 for what the client has, by tag, by digest and for blobs', async () => {
    await using world = await openWorld(onFolder);
    const digest = await world.image('a', 'v1');
    const { digest: blob } = await world.put('a', 'bytes');
    for (const path of ['manifests/v1', `manifests/${digest}`, `blobs/${blob}`]) {
      for (const method of ['GET', 'HEAD']) {
        const first = await world.ask(method, `/v2/a/${path}`);
        const etag = first.headers.get('etag') ?? '';
        expect(etag).toBe(`"${first.headers.get('docker-content-digest')}"`);
        for (const header of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
          const again = await world.ask(method, `/v2/a/${path}`, undefined, { 'if-none-match': header });
          expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
        }
        const other = await world.ask(method, `/v2/a/${path}`, undefined, { 'if-none-match': '"x"' });
        expect(other.status).toBe(200);
      }
    }
  });

  it('change a tag only if it is what the client thinks', async () => {
    await using world = await openWorld(onFolder);
    const first = await world.image('a', 'v1');
    const second = JSON.stringify({ schemaVersion: 2, config: await world.put('a', 'c'), layers: [] });
    const push = (headers: Record<string, string>) =>
      world.ask('PUT', '/v2/a/manifests/v1', second, { ...oci, ...headers });
    for (const headers of [
      { 'if-match': `"${sha256('x')}"` },
      { 'if-match': `W/"${first}"` },
      { 'if-none-match': '*' },
      { 'if-none-match': `"${first}"` },
    ]) {
      expect(await codeOf(await push(headers))).toEqual([412, 'DENIED']);
      expect((await world.ask('HEAD', '/v2/a/manifests/v1')).headers.get('docker-content-digest')).toBe(
        first,
      );
    }
    const changed = await push({ 'if-match': `"x", "${first}"` });
    expect([changed.status, changed.headers.get('etag')]).toEqual([201, `"${sha256(second)}"`]);
    expect((await push({ 'if-match': '*' })).status).toBe(201);
    const stale = { 'if-match': `"${first}"` };
    expect((await world.ask('DELETE', '/v2/a/manifests/v1', undefined, stale)).status).toBe(412);
    const fresh = { 'if-match': `"${sha256(second)}"` };
    expect((await world.ask('DELETE', '/v2/a/manifests/v1', undefined, fresh)).status).toBe(202);
  });

  it('make a tag only if there is none', async () => {
    await using world = await openWorld(onFolder);
    const text = JSON.stringify({ schemaVersion: 2, config: await world.put('a', 'c'), layers: [] });
    const push = (headers: Record<string, string>) =>
      world.ask('PUT', '/v2/a/manifests/new', text, { ...oci, ...headers });
    expect((await push({ 'if-match': '*' })).status).toBe(412);
    expect((await push({ 'if-none-match': '*' })).status).toBe(201);
    expect((await push({ 'if-none-match': '*' })).status).toBe(412);
  });

  it('let one of many clients win that all change what they saw', async () => {
    await using world = await openWorld(onFolder);
    const first = await world.image('a', 'v1');
    const config = await world.put('a', 'c');
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async (_, number) => {
        const text = JSON.stringify({
          schemaVersion: 2,
          config,
          layers: [],
          annotations: { n: `${number}` },
        });
        const headers = { ...oci, 'if-match': `"${first}"` };
        return (await world.ask('PUT', '/v2/a/manifests/v1', text, headers)).status;
      }),
    );
    expect(statuses.sort()).toEqual([201, ...Array.from({ length: 9 }, () => 412)]);
  });

  it('give a part only of the blob that the client has a part of', async () => {
    await using world = await openWorld(onFolder);
    const { digest } = await world.put('a', '0123456789');
    const get = async (headers: Record<string, string>) => {
      const response = await world.ask('GET', `/v2/a/blobs/${digest}`, undefined, headers);
      return [response.status, await response.text()];
    };
    const range = 'bytes=2-4';
    expect(await get({ range, 'if-range': `"${digest}"` })).toEqual([206, '234']);
    expect(await get({ range, 'if-range': '"other"' })).toEqual([200, '0123456789']);
    expect(await get({ range, 'if-range': `W/"${digest}"` })).toEqual([200, '0123456789']);
    expect(await get({ range, 'if-range': 'Wed, 25 Nov 2026 19:00:00 GMT' })).toEqual([200, '0123456789']);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf, kinds, openWorld, sha256, sha512 } from './world.ts';

describe.each(kinds)('mounts in a registry $name', ({ onFolder }) => {
  it('find a blob in any repository where none is named', async () => {
    await using world = await openWorld(onFolder);
    for (let number = 0; number < 3; number++) await world.put(`other/${number}`, `${number}`);
    const { digest } = await world.put('from/deep', 'bytes');
    const mounted = await world.ask('POST', `/v2/to/blobs/uploads/?mount=${digest}`);
    expect(mounted.status).toBe(201);
    expect(mounted.headers.get('location')).toBe(`/v2/to/blobs/${digest}`);
    expect(mounted.headers.get('docker-content-digest')).toBe(digest);
    expect(await (await world.ask('GET', `/v2/to/blobs/${digest}`)).text()).toBe('bytes');
    // It is there now, wherever it may be else.
    expect((await world.ask('DELETE', `/v2/from/deep/blobs/${digest}`)).status).toBe(202);
    expect((await world.ask('POST', `/v2/to/blobs/uploads/?mount=${digest}`)).status).toBe(201);
    if (world.root === undefined) return;
    const path = join(world.root, 'to/_layout/blobs', digest.replace(':', '/'));
    expect((await stat(path)).nlink).toBe(1);
  });

  it('begin an upload where there is nothing to mount, and take the blob in the same request', async () => {
    await using world = await openWorld(onFolder);
    await world.put('b', 'other');
    for (const query of ['', '&from=b', '&from=none']) {
      const begun = await world.ask('POST', `/v2/a/blobs/uploads/?mount=${sha256('x')}${query}`);
      expect(begun.status).toBe(202);
      expect((await world.ask('GET', begun.headers.get('location') ?? '')).status).toBe(204);
    }
    const whole = `mount=${sha512('x')}&digest=${sha512('x')}`;
    expect((await world.ask('POST', `/v2/a/blobs/uploads/?${whole}`, 'x')).status).toBe(201);
  });

  it.each([
    ['mount=sha256:x', 'DIGEST_INVALID'],
    [`mount=${sha256('x')}&from=..%2f..%2fetc`, 'NAME_INVALID'],
    [`mount=${sha256('x')}&mount=${sha256('y')}`, 'UNSUPPORTED'],
    [`mount=${sha256('x')}&from=a&from=b`, 'UNSUPPORTED'],
    [`digest=${sha256('x')}&digest=${sha256('y')}`, 'UNSUPPORTED'],
  ])('refuse %s', async (query, code) => {
    await using world = await openWorld(onFolder);
    expect(await codeOf(await world.ask('POST', `/v2/a/blobs/uploads/?${query}`))).toEqual([400, code]);
  });

  it('give nobody what they could not have pulled', async () => {
    const asked: string[] = [];
    await using world = await openWorld(onFolder, {
      authorize({ method, url, headers }) {
        asked.push(`${method} ${url?.replace(/[0-9a-f]{64}.*/, 'x')} ${headers['x-user']}`);
        const isSecret = url?.startsWith('/v2/secret/') === true;
        return isSecret && headers['x-user'] !== 'boss' ? { denied: 'secret' } : undefined;
      },
    });
    const push = `/v2/secret/blobs/uploads/?digest=${sha256('plan')}`;
    expect((await world.ask('POST', push, 'plan', { 'x-user': 'boss' })).status).toBe(201);
    for (const query of ['', '&from=secret']) {
      const path = `/v2/mine/blobs/uploads/?mount=${sha256('plan')}${query}`;
      asked.length = 0;
      expect((await world.ask('POST', path, undefined, { 'x-user': 'anna' })).status).toBe(202);
      expect(asked).toEqual([
        'POST /v2/mine/blobs/uploads/?mount=sha256:x anna',
        'GET /v2/secret/blobs/sha256:x anna',
      ]);
      expect((await world.ask('HEAD', `/v2/mine/blobs/${sha256('plan')}`)).status).toBe(404);
    }
    const path = `/v2/mine/blobs/uploads/?mount=${sha256('plan')}`;
    expect((await world.ask('POST', path, undefined, { 'x-user': 'boss' })).status).toBe(201);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { MediaType } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { codeOf, kinds, openWorld, sha256, type World } from './world.ts';

/** All items of a list, page by page, and how many pages there were. */
async function pages<T>({ ask }: World, path: string, items: (body: never) => readonly T[]) {
  const all: T[] = [];
  let count = 0;
  for (let next: string | undefined = path; next !== undefined; count++) {
    const response = await ask('GET', next);
    expect(response.status).toBe(200);
    all.push(...items((await response.json()) as never));
    next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  }
  return { all, count };
}

describe.each(kinds)('lists of a registry $name', ({ onFolder }) => {
  it('give tags in the order of their bytes, in pages', async () => {
    await using world = await openWorld(onFolder);
    const tags = ['b', 'B', '_', 'a.1', 'a-1', 'a', '10', '9'];
    const sorted = ['10', '9', 'B', '_', 'a', 'a-1', 'a.1', 'b'];
    const digest = await world.image('r', tags[0] ?? '');
    const bytes = await (await world.ask('GET', `/v2/r/manifests/${digest}`)).text();
    const query = tags.map((tag) => `tag=${tag}`).join('&');
    const headers = { 'content-type': MediaType.ImageManifest };
    expect((await world.ask('PUT', `/v2/r/manifests/${digest}?${query}`, bytes, headers)).status).toBe(201);
    for (const [n, count] of [
      [1, 8],
      [3, 3],
      [8, 1],
      [100, 1],
    ] as const) {
      const read = ({ tags }: { tags: string[] }) => tags;
      expect(await pages(world, `/v2/r/tags/list?n=${n}`, read)).toEqual({ all: sorted, count });
    }
    const ask = async (query: string) => {
      const response = await world.ask('GET', `/v2/r/tags/list?${query}`);
      return [((await response.json()) as { tags: string[] }).tags, response.headers.get('link')];
    };
    expect(await ask('n=0')).toEqual([[], null]);
    expect(await ask('n=0&last=a')).toEqual([[], null]);
    expect(await ask('last=a')).toEqual([['a-1', 'a.1', 'b'], null]);
    // A tag that is gone is still a place.
    expect(await ask('last=a-0&n=9')).toEqual([['a-1', 'a.1', 'b'], null]);
    expect(await ask('last=zzz')).toEqual([[], null]);
    for (const query of ['n=-1', 'n=x', 'n=1e3', 'n=9999999999', 'n=', 'n=1&n=2', 'last=a&last=b']) {
      expect(await codeOf(await world.ask('GET', `/v2/r/tags/list?${query}`))).toEqual([400, 'UNSUPPORTED']);
    }
  });

  it('give repositories in pages', async () => {
    await using world = await openWorld(onFolder);
    for (const name of ['b/c', 'a', 'b']) await world.image(name, 'v1');
    const read = ({ repositories }: { repositories: string[] }) => repositories;
    expect(await pages(world, '/v2/_catalog?n=2', read)).toEqual({ all: ['a', 'b', 'b/c'], count: 2 });
    const none = await world.ask('GET', '/v2/_catalog?n=0');
    expect([await none.json(), none.headers.get('link')]).toEqual([{ repositories: [] }, null]);
  });

  it('are empty, not missing, after the last tag is gone', async () => {
    await using world = await openWorld(onFolder);
    await world.image('a', 'v1');
    await world.ask('DELETE', '/v2/a/manifests/v1');
    expect(await (await world.ask('GET', '/v2/a/tags/list')).json()).toEqual({ name: 'a', tags: [] });
  });

  it('show each referrer with the type that the specification says', async () => {
    await using world = await openWorld(onFolder);
    const subject = { mediaType: MediaType.ImageManifest, digest: sha256('not there yet'), size: 13 };
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ImageIndex,
      manifests: [],
      subject,
    });
    await world.ask('PUT', `/v2/a/manifests/${sha256(index)}`, index, {
      'content-type': MediaType.ImageIndex,
    });
    const plain = await world.image('a', '', { subject });
    const typed = await world.image('a', 'sbom', {
      subject,
      artifactType: 'x/sbom',
      annotations: { k: 'v' },
    });
    const list = async (query = '') => {
      const response = await world.ask('GET', `/v2/a/referrers/${subject.digest}${query}`);
      expect(response.headers.get('content-type')).toBe(MediaType.ImageIndex);
      const body = (await response.json()) as { manifests: Record<string, unknown>[] };
      return { ...body, filters: response.headers.get('oci-filters-applied') };
    };
    const { manifests, ...rest } = await list();
    expect(rest).toEqual({ schemaVersion: 2, mediaType: MediaType.ImageIndex, filters: null });
    const byDigest = new Map(manifests.map((manifest) => [manifest.digest, manifest]));
    expect(byDigest.size).toBe(3);
    expect(byDigest.get(sha256(index))).not.toHaveProperty('artifactType');
    expect(byDigest.get(plain)).toMatchObject({ artifactType: MediaType.ImageConfig });
    expect(byDigest.get(typed)).toMatchObject({ artifactType: 'x/sbom', annotations: { k: 'v' } });
    const filtered = await list('?artifactType=x%2Fsbom');
    expect([filtered.filters, filtered.manifests.length]).toEqual(['artifactType', 1]);
    expect((await list('?artifactType=none')).manifests).toEqual([]);
    await world.ask('DELETE', `/v2/a/manifests/${typed}`);
    expect((await list()).manifests.map(({ digest }) => digest)).not.toContain(typed);
  });

  it('give referrers in pages when they are more than a manifest may be long', async () => {
    await using world = await openWorld(onFolder);
    const subject = { mediaType: MediaType.ImageManifest, digest: sha256('s'), size: 1 };
    const pushed: string[] = [];
    for (let number = 0; number < 5; number++) {
      const annotations = { number: `${number}`, long: 'x'.repeat(1_500_000) };
      pushed.push(await world.image('a', '', { subject, annotations, artifactType: 'x/y' }));
    }
    const path = `/v2/a/referrers/${subject.digest}?artifactType=x/y`;
    const read = ({ manifests }: { manifests: { digest: string }[] }) =>
      manifests.map(({ digest }) => digest);
    expect(await pages(world, path, read)).toEqual({ all: pushed.sort(), count: 3 });
  });

  it('of referrers are empty for what nobody refers to, and refused for what is no digest', async () => {
    await using world = await openWorld(onFolder);
    const none = await world.ask('GET', `/v2/nobody/referrers/${sha256('x')}`);
    expect([none.status, await none.json()]).toEqual([200, expect.objectContaining({ manifests: [] })]);
    expect(await codeOf(await world.ask('GET', '/v2/a/referrers/latest'))).toEqual([400, 'DIGEST_INVALID']);
  });
});

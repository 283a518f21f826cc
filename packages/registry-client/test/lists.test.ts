// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { pushImage, randomImage } from './image.ts';
import { type Script, startScripted } from './scripted-server.ts';

const image = await randomImage(1000);
const registries = [
  { name: 'lading-registry', start: () => startRegistry() },
  { name: "Debian's docker-registry", start: () => startDockerRegistry() },
];

describe.each(registries)('the lists of $name', ({ start }) => {
  it.each([undefined, 1, 2, 5, 100])('have all tags and repositories in pages of %s', async (pageSize) => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const names = ['a/one', 'b/two', 'c/three', 'd/four', 'e/five'];
    for (const name of names) await pushImage(client.repository(`${registry.host}/${name}`), image, 'v1');
    const tags = ['v1', 'v2', 'v3', 'v4', 'v5'];
    const repository = client.repository(`${registry.host}/a/one`);
    for (const tag of tags.slice(1)) await pushImage(repository, image, tag);
    expect(await Array.fromAsync(client.catalog(registry.host, { pageSize }))).toEqual(names);
    // Docker's registry 2.8 gives tags in the order of its folder.
    expect((await Array.fromAsync(repository.tags({ pageSize }))).toSorted()).toEqual(tags);
  });

  it('are empty where there is nothing', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    expect(await Array.fromAsync(client.catalog(registry.host))).toEqual([]);
  });
});

/** Answers with the tags after `last`, at most `n`. */
function pageOf(tags: readonly string[], url: string): readonly string[] {
  const { searchParams } = new URL(url, 'http://registry');
  const last = searchParams.get('last') ?? '';
  return tags.filter((tag) => tag > last).slice(0, Number(searchParams.get('n')));
}

async function tagsOf(script: Script, pageSize?: number): Promise<{ tags: string[]; paths: string[] }> {
  await using server = await startScripted(script);
  await using client = createRegistryClient({ tlsVerify: false });
  const tags = await Array.fromAsync(client.repository(`${server.host}/demo`).tags({ pageSize }));
  return { tags, paths: server.requests.map(({ path }) => path) };
}

describe('a list of tags', () => {
  const tags = ['a', 'b', 'c', 'd', 'e'];

  it('goes on after the last one where a full page has no link', async () => {
    const found = await tagsOf(
      (request, response) => response.end(JSON.stringify({ tags: pageOf(tags, request.url ?? '') })),
      2,
    );
    expect(found.tags).toEqual(tags);
    expect(found.paths.at(-1)).toBe('/v2/demo/tags/list?n=2&last=d');
  });

  it('ends where a registry that knows no pages sends all of it again', async () => {
    const found = await tagsOf((_, response) => response.end(JSON.stringify({ tags })), 5);
    expect(found.tags).toEqual(tags);
    expect(found.paths).toHaveLength(2);
  });

  it('ends where a registry that knows no pages sends more than was asked for', async () => {
    const found = await tagsOf((_, response) => response.end(JSON.stringify({ tags })), 2);
    expect(found.tags).toEqual(tags);
    expect(found.paths).toHaveLength(1);
  });

  it.each([
    { name: 'a relative link', link: '<list?page=2>; rel="next"' },
    { name: 'an absolute link', link: '<http://HOST/v2/demo/tags/list?page=2>; rel="next"' },
    {
      name: 'a link among others',
      link: '</x>; rel="prev", </v2/demo/tags/list?page=2>; title="a, b"; rel=next',
    },
  ])('follows $name', async ({ link }) => {
    const found = await tagsOf((request, response) => {
      if (request.url?.endsWith('page=2')) return void response.end('{"tags":["b"]}');
      response.setHeader('link', link.replace('HOST', request.headers.host ?? '')).end('{"tags":["a"]}');
    });
    expect(found).toEqual({ tags: ['a', 'b'], paths: [expect.any(String), '/v2/demo/tags/list?page=2'] });
  });

  it('goes over pages without a tag', async () => {
    const found = await tagsOf((request, response) => {
      const page = Number(/page=(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
      if (page < 5) response.setHeader('link', `</v2/demo/tags/list?page=${page + 1}>; rel="next"`);
      response.end(page === 5 ? '{"tags":["a"]}' : '{"tags":null}');
    });
    expect(found.tags).toEqual(['a']);
  });

  it('ends where the links lead in a circle', async () => {
    const found = await tagsOf((request, response) => {
      const page = Number(/page=(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
      response.setHeader('link', `</v2/demo/tags/list?page=${(page + 1) % 3}>; rel="next"`);
      response.end(`{"tags":["t${page}"]}`);
    });
    expect(found.paths).toHaveLength(4);
  });

  it.each<{ name: string; script: Script }>([
    {
      name: 'leads on and on without a tag',
      script: (request, response) => {
        const page = Number(/page=(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
        response.setHeader('link', `</v2/demo/tags/list?page=${page + 1}>; rel="next"`).end('{"tags":[]}');
      },
    },
    {
      name: 'leads to another host',
      script: (_, response) =>
        response.setHeader('link', '<http://127.0.0.1:1/next>; rel="next"').end('{"tags":["a"]}'),
    },
    { name: 'is HTML', script: (_, response) => response.end('<html>') },
    { name: 'is a list', script: (_, response) => response.end('["a"]') },
    { name: 'holds no tag', script: (_, response) => response.end('{"tags":["../x"]}') },
    { name: 'holds numbers', script: (_, response) => response.end('{"tags":[1]}') },
  ])('that $name is an error', async ({ script }) => {
    await expect(tagsOf(script)).rejects.toMatchObject({
      code: Code.Internal,
      reason: 'UNEXPECTED_RESPONSE',
    });
  });

  it.each([0, -1, 1.5, Number.NaN])('is not asked for in pages of %d', async (pageSize) => {
    await expect(tagsOf((_, response) => response.end('{}'), pageSize)).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });

  it('is asked for page by page, as it is read', async () => {
    await using server = await startScripted((request, response) => {
      const page = Number(/page=(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
      response.setHeader('link', `</v2/demo/tags/list?page=${page + 1}>; rel="next"`).end('{"tags":["a"]}');
    });
    await using client = createRegistryClient({ tlsVerify: false });
    let seen = 0;
    for await (const _ of client.repository(`${server.host}/demo`).tags()) if (++seen === 3) break;
    expect(server.requests).toHaveLength(3);
  });
});

describe('a search', () => {
  const found = { name: 'a/b', description: 'words', star_count: 2, is_official: true, is_automated: false };
  async function searching(answer: string, status = 200) {
    await using server = await startScripted((_, response) => response.writeHead(status).end(answer));
    await using client = createRegistryClient({ tlsVerify: false });
    const results = await client.search(server.host, 'a b', { limit: 2 });
    return { results, paths: server.requests.map(({ path }) => path) };
  }

  it('gives what the registry says, as much as was asked for', async () => {
    const { results, paths } = await searching(JSON.stringify({ results: [found, { name: 'x' }, found] }));
    expect(paths).toEqual(['/v1/search?n=2&q=a+b']);
    expect(results).toEqual([
      { name: 'a/b', description: 'words', stars: 2, isOfficial: true, isAutomated: false },
      { name: 'x', description: '', stars: 0, isOfficial: false, isAutomated: false },
    ]);
  });

  it.each([
    ['text that is no JSON', 'x'],
    ['no object', '[]'],
    ['no list', '{"results":{}}'],
    ['a result without a name', '{"results":[{"description":"x"}]}'],
  ])('refuses %s', async (_, answer) => {
    await expect(searching(answer)).rejects.toThrow(/has found/);
  });

  it('is not found where a registry does not search', async () => {
    await expect(searching('{}', 404)).rejects.toMatchObject({ code: Code.NotFound });
  });
});

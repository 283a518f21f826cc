// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Descriptor, MediaType } from '@lading/image-spec';
import { type RegistryServer, startRegistry } from '@lading/registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, oci, sha256, talkTo, temporaryFolder, type World } from './world.ts';

const refName = 'org.opencontainers.image.ref.name';

describe('a served folder', () => {
  let root = '';
  beforeEach(async () => {
    root = await temporaryFolder();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const serve = async <T>(
    work: (world: ReturnType<typeof talkTo> & { server: RegistryServer }) => Promise<T>,
    errors: unknown[] = [],
  ) => {
    await using server = await startRegistry({ root, onError: (error) => errors.push(error) });
    return await work({ server, ...talkTo(server.url) });
  };
  const layout = () => join(root, 'a/_layout');
  const file = (digest: string) => join(layout(), 'blobs', digest.replace(':', '/'));
  const readIndex = async (): Promise<{ manifests: Descriptor[] }> =>
    JSON.parse(await readFile(join(layout(), 'index.json'), 'utf8'));
  const tagsOf = async ({ ask }: Pick<World, 'ask'>) =>
    ((await (await ask('GET', '/v2/a/tags/list')).json()) as { tags: string[] }).tags;

  it.each([
    ['', 'not a JSON document'],
    ['{"schemaVersion":2,"manifests":[', 'not a JSON document'],
    ['[]', 'index'],
    ['{"schemaVersion":1,"manifests":[]}', 'schemaVersion'],
    ['{"schemaVersion":2,"manifests":[{"digest":"../../etc/passwd","size":1,"mediaType":"a/b"}]}', 'digest'],
  ])('with the index.json %j is an error that names the file and what to try', async (text, says) => {
    await mkdir(layout(), { recursive: true });
    await writeFile(join(layout(), 'index.json'), text);
    const error: unknown = await startRegistry({ root }).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'data_loss' });
    const { message } = error as Error;
    for (const part of [join(layout(), 'index.json'), says, 'remove it']) expect(message).toContain(part);
    await rm(join(layout(), 'index.json'));
    await serve(async ({ ask }) => expect((await ask('GET', '/v2/')).status).toBe(200));
  });

  it('that cannot be is refused at once', async () => {
    await expect(startRegistry({ root: '/proc/no/root' })).rejects.toThrow('/proc/no');
  });

  it('serves what is left where a manifest is missing or damaged, and says so', async () => {
    const [good, gone, bad] = await serve(async ({ image }) => [
      await image('a', 'good'),
      await image('a', 'gone'),
      await image('a', 'bad'),
    ]);
    const kept = await readFile(file(gone));
    await rm(file(gone));
    await writeFile(file(bad), 'damaged');
    const errors: unknown[] = [];
    await serve(async (world) => {
      expect(await tagsOf(world)).toEqual(['good']);
      expect(await codeOf(await world.ask('GET', `/v2/a/manifests/${gone}`))).toEqual([
        404,
        'MANIFEST_UNKNOWN',
      ]);
      // A push does not forget what could not be read.
      await world.image('a', 'new');
    }, errors);
    expect(errors.map((error) => (error as Error).message)).toEqual([
      `a: the manifest ${gone} is listed but not served: its file is missing`,
      `a: the manifest ${bad} is listed but not served: its bytes have another digest`,
    ]);
    await writeFile(file(gone), kept);
    await serve(async (world) => {
      expect(await tagsOf(world)).toEqual(['gone', 'good', 'new']);
      expect((await world.ask('HEAD', `/v2/a/manifests/${good}`)).status).toBe(200);
      expect((await world.image('a', 'bad')) === bad).toBe(true);
    });
    await serve(async (world) => expect(await tagsOf(world)).toEqual(['bad', 'gone', 'good', 'new']));
    expect((await readIndex()).manifests.length).toBe(4);
  });

  it('keeps what another tool wrote and it cannot serve', async () => {
    const digest = await serve(({ image }) => image('a', 'v1'));
    const { manifests } = await readIndex();
    const foreign = [
      { mediaType: 'application/x.thing', digest: sha256('thing'), size: 5, annotations: { a: 'b' } },
      { ...manifests[0], annotations: { [refName]: 'example.org/not/a:tag' } },
      { mediaType: MediaType.ImageManifest, digest: `blake3:${'a'.repeat(64)}`, size: 5 },
    ];
    const index = { schemaVersion: 2, manifests: [...manifests, ...foreign] };
    await writeFile(join(layout(), 'index.json'), JSON.stringify(index));
    await writeFile(file(sha256('thing')), 'thing');
    await serve(async (world) => {
      expect(await tagsOf(world)).toEqual(['v1']);
      await world.image('a', 'v2');
      await world.server.collectGarbage({ olderThanMs: 0, untagged: true });
      expect((await world.ask('HEAD', `/v2/a/manifests/${digest}`)).status).toBe(200);
      expect((await world.ask('HEAD', `/v2/a/blobs/${sha256('thing')}`)).status).toBe(200);
    });
    expect((await readIndex()).manifests).toEqual(expect.arrayContaining([...manifests, ...foreign]));
  });

  it('does not follow symbolic links out of the folder, and leaves other files alone', async () => {
    const elsewhere = join(root, 'ELSEWHERE/b/_layout');
    await mkdir(elsewhere, { recursive: true });
    await writeFile(join(elsewhere, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
    await symlink(join(root, 'ELSEWHERE'), join(root, 'link'));
    await writeFile(join(root, 'notes.txt'), 'mine');
    await serve(async ({ ask }) => {
      expect(await (await ask('GET', '/v2/_catalog')).json()).toEqual({ repositories: [] });
    });
    expect(await readFile(join(root, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('throws away what a killed process left in _uploads and no client can continue', async () => {
    const uploads = join(root, '_uploads');
    await mkdir(uploads);
    const ids = ['half', 'none', 'evil', 'old', 'fine'].map(
      (_, number) => `0000000${number}-0000-4000-8000-000000000000`,
    );
    const [half, none, evil, old, fine] = ids;
    const session = JSON.stringify({ repository: 'a', algorithm: 'sha256' });
    await writeFile(join(uploads, `${half}`), 'bytes');
    await writeFile(join(uploads, `${half}.json`), session.slice(0, 9));
    await writeFile(join(uploads, `${none}.json`), session);
    await writeFile(join(uploads, `${evil}`), 'bytes');
    await writeFile(join(uploads, `${evil}.json`), session.replace('"a"', '"../a"'));
    await writeFile(join(uploads, `${old}`), 'bytes');
    await writeFile(join(uploads, `${old}.json`), session);
    const before = new Date(Date.now() - 25 * 3_600_000);
    await utimes(join(uploads, `${old}`), before, before);
    await writeFile(join(uploads, `${fine}`), 'bytes');
    await writeFile(join(uploads, `${fine}.json`), session);
    await writeFile(join(uploads, 'other'), 'bytes');
    await serve(async ({ ask }) => {
      const statuses = ids.map(async (id) => (await ask('GET', `/v2/a/blobs/uploads/${id}`)).status);
      expect(await Promise.all(statuses)).toEqual([404, 404, 404, 404, 204]);
      const put = `/v2/a/blobs/uploads/${fine}?digest=${sha256('bytes!')}`;
      expect((await ask('PUT', put, '!')).status).toBe(201);
    });
    await expect(readFile(join(uploads, 'other'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('does not show a tag that could not be saved', async () => {
    const first = await serve(({ image }) => image('a', 'v1'));
    const errors: unknown[] = [];
    await serve(async ({ ask, put }) => {
      const text = JSON.stringify({ schemaVersion: 2, config: await put('a', 'x'), layers: [] });
      // A folder in its place cannot be replaced by a file, also not by root.
      const index = await readFile(join(layout(), 'index.json'));
      await rm(join(layout(), 'index.json'));
      await mkdir(join(layout(), 'index.json/x'), { recursive: true });
      expect(await codeOf(await ask('PUT', '/v2/a/manifests/v1', text, oci))).toEqual([500, 'UNKNOWN']);
      const head = await ask('HEAD', '/v2/a/manifests/v1');
      expect(head.headers.get('docker-content-digest')).toBe(first);
      await rm(join(layout(), 'index.json'), { recursive: true });
      await writeFile(join(layout(), 'index.json'), index);
      expect((await ask('PUT', '/v2/a/manifests/v1', text, oci)).status).toBe(201);
    }, errors);
    expect(errors.length).toBe(1);
  });
});

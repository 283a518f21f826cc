// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDigest } from '@lading/image-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layoutNames, randomNames } from './random-names.ts';
import { randomSource } from './random-source.ts';
import {
  busyboxLayer,
  fileLayer,
  type House,
  openHouse,
  podmanFlags,
  programArguments,
  readAll,
  sha256,
  writeLayout,
} from './support.ts';

const seed = Number(process.env.LADING_SEED ?? 20261126);
const perSide = 50;

let house: House;
let layouts: string;
beforeEach(async () => {
  house = await openHouse();
  // podman 4 makes a name of an image of the path, and wants it in small letters.
  layouts = join(tmpdir(), `lading-layouts-${randomBytes(8).toString('hex')}`);
});
afterEach(async () => {
  await rm(layouts, { recursive: true, force: true });
  await house.close();
});

describe('an image that is pushed and pulled around', () => {
  it('keeps the digests of its layers from podman over Lading to podman', async () => {
    const registry = spawn(
      process.execPath,
      [
        '--conditions=@lading/source',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, '../../registry/src/main.ts'),
        'serve',
        '--addr',
        '127.0.0.1:0',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const [line] = await once(registry.stdout, 'data');
      const host = /127\.0\.0\.1:\d+/.exec(String(line))?.[0] ?? '';
      const get = async (path: string): Promise<Buffer> => {
        const accept = 'application/vnd.oci.image.manifest.v1+json';
        const response = await fetch(`http://${host}/v2/${path}`, { headers: { accept } });
        expect(response.status).toBe(200);
        return Buffer.from(await response.arrayBuffer());
      };
      const layout = join(house.root, 'layout');
      const made = await writeLayout(layout, [await busyboxLayer(), await fileLayer('a')]);
      // The tools compress what they push.
      await house.skopeo(
        'copy',
        '-q',
        '--dest-tls-verify=false',
        `oci:${layout}:test`,
        `docker://${host}/a:1`,
      );
      const manifest = await get('a/manifests/1');
      const { layers }: { layers: { digest: string; mediaType: string }[] } = JSON.parse(manifest.toString());
      expect(layers.map(({ mediaType }) => mediaType.endsWith('gzip'))).toEqual([true, true]);

      const store = await house.open();
      let parent: string | undefined;
      for (const { digest } of layers) {
        const bytes = await get(`a/blobs/${digest}`);
        const source = (async function* () {
          yield bytes;
        })();
        const expectedDigest = parseDigest(digest);
        parent = (await store.layers.add(source, { expectedDigest, ...(parent !== undefined && { parent }) }))
          .id;
      }
      await store.images.create({
        id: made.id,
        names: ['localhost/b:1'],
        digest: sha256(manifest),
        manifests: [{ digest: sha256(manifest), bytes: manifest }],
        config: { digest: sha256(made.config), bytes: made.config },
        ...(parent !== undefined && { topLayer: parent }),
      });
      await house.podman('push', '-q', '--tls-verify=false', 'localhost/b:1', `docker://${host}/b:1`);
      const pushed: { layers: { digest: string }[] } = JSON.parse((await get('b/manifests/1')).toString());
      expect(pushed.layers.map(({ digest }) => digest)).toEqual(layers.map(({ digest }) => digest));
      expect((await Array.fromAsync(store.check())).map(({ message }) => message)).toEqual([]);
    } finally {
      const ended = once(registry, 'exit');
      registry.kill();
      await ended;
    }
  });

  it('is built on by buildah, and each layer then leaves Lading byte for byte as podman saves it', async () => {
    const layout = join(house.root, 'layout');
    await writeLayout(layout, [await busyboxLayer(), await fileLayer('a')]);
    await house.skopeo(
      'copy',
      '-q',
      `oci:${layout}:test`,
      `containers-storage:${house.transport}localhost/a:1`,
    );
    const work = await house.buildah('from', '--pull-never', 'localhost/a:1');
    const merged = await house.buildah('mount', work);
    mkdirSync(join(merged, 'new/deep'), { recursive: true });
    writeFileSync(join(merged, 'new/deep/file'), 'x');
    await house.buildah('umount', work);
    await house.buildah('commit', '-q', '--rm', work, 'localhost/built:1');
    const saved = join(house.root, 'saved');
    await house.podman('save', '-q', '--format', 'oci-dir', '-o', saved, 'localhost/built:1');
    const index = JSON.parse(readFileSync(join(saved, 'index.json'), 'utf8'));
    const blob = (digest: string): Buffer => readFileSync(join(saved, 'blobs/sha256', digest.slice(7)));
    const config = JSON.parse(
      blob(JSON.parse(blob(index.manifests[0].digest).toString()).config.digest).toString(),
    );

    const store = await house.open();
    const image = await store.images.find('localhost/built:1');
    const digests: string[] = [];
    for (let id = image?.topLayer; id !== undefined; id = (await store.layers.get(id))?.parent) {
      digests.unshift(sha256(await readAll(store.layers.open(id))));
    }
    expect(digests).toEqual(config.rootfs.diff_ids);
    const { id } = await store.containers.create({ imageId: image?.id ?? '' });
    expect(readFileSync(join(await store.containers.mount(id), 'new/deep/file'), 'utf8')).toBe('x');
  });
});

/** What a tool may say of what another one has just removed, renamed or begun to use. */
const usual =
  /not known|no such|not found|in use|being used|is used by|has dependent|unknown|does not exist|already exists|unable to find|not mounted|not a layer|identifier is not|did not resolve|is mounted|no container|must force|unrecognized/i;

describe(`200 random operations, half of them by Lading, with the seed ${seed}`, () => {
  it('leave a store that both sides find sound, and see alike', async () => {
    const shared = await busyboxLayer();
    for (const name of layoutNames) {
      await writeLayout(join(layouts, name), [shared, await fileLayer('common'), await fileLayer(name)]);
    }
    await house.podman('images');
    const faults = await Promise.all([writer(seed), writer(seed + 1), tools(seed + 2), tools(seed + 3)]);
    expect(faults.flat()).toEqual([]);

    const store = await house.open();
    expect((await Array.fromAsync(store.check())).map(({ message }) => message)).toEqual([]);
    const images = await store.images.list();
    const listed: { Id: string; Names: string[] | null }[] = JSON.parse(
      await house.podman('images', '--all', '--format', 'json'),
    );
    const byId = <T extends { id: string }>(list: readonly T[]): readonly T[] =>
      list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const unique = new Map(listed.map(({ Id, Names }) => [Id, { id: Id, names: [...(Names ?? [])].sort() }]));
    expect(byId([...unique.values()])).toEqual(
      byId(images.map(({ id, names }) => ({ id, names: [...names].sort() }))),
    );
    const containers = await store.containers.list();
    const shown: { Id: string; Names: string[] }[] = JSON.parse(
      await house.podman('ps', '--all', '--external', '--format', 'json'),
    );
    expect(byId(shown.map(({ Id, Names }) => ({ id: Id, names: Names })))).toEqual(
      byId(containers.map(({ id, names }) => ({ id, names }))),
    );
    for (const { id } of images) {
      await house.podman('image', 'inspect', id);
      await house.podman('image', 'mount', id);
      await house.podman('image', 'umount', id);
      await house.skopeo('inspect', `containers-storage:${house.transport}@${id}`);
    }
    for (const { id } of containers) {
      expect(await house.podman('mount', id)).toBe(await store.containers.mount(id));
    }
    const newer = process.env.PODMAN5;
    if (newer !== undefined) await house.run(newer, 'system', 'check');
  }, 300_000);
});

/** Runs random operations through the packages in a process of its own; gives what it complained of. */
async function writer(ownSeed: number): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    [
      ...programArguments('random-writer.ts'),
      house.graphRoot,
      house.runRoot,
      layouts,
      `${ownSeed}`,
      `${perSide}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  const text = (await readAll(child.stderr)).toString();
  const [code] = await ended;
  return code === 0 ? [] : [`lading ${ownSeed}: ${text}`];
}

/** Runs random operations with Debian's tools; gives what they complained of and should not have. */
async function tools(ownSeed: number): Promise<readonly string[]> {
  const random = randomSource(ownSeed);
  const name = (): string => random.pick(randomNames) ?? '';
  const own = (): string => `tool${ownSeed}-${random.below(4)}`;
  const copy = (): Promise<string> =>
    house.skopeo(
      'copy',
      '-q',
      `oci:${join(layouts, random.pick(layoutNames) ?? '')}:test`,
      `containers-storage:${house.transport}${name()}`,
    );
  const actions: readonly (() => Promise<string>)[] = [
    copy,
    copy,
    () => house.podman('pull', '-q', `oci:${join(layouts, random.pick(layoutNames) ?? '')}:test`),
    () => house.podman('tag', name(), name()),
    () => house.podman('untag', name(), name()),
    () => house.podman('rmi', name()),
    () => house.podman('create', '--pull', 'never', '--name', own(), ...podmanFlags, name(), 'sh'),
    () => house.podman('rm', '-f', '-t', '0', own()),
    () => house.podman('run', '--pull', 'never', '--rm', ...podmanFlags, name(), 'ls', '/'),
    () => house.podman('mount', own()),
    () => house.podman('umount', own()),
    () => house.buildah('from', '--pull-never', '--name', `build${ownSeed}`, name()),
    () => house.buildah('commit', '-q', `build${ownSeed}`, name()),
    () => house.buildah('rm', `build${ownSeed}`),
  ];
  const faults: string[] = [];
  for (let done = 0; done < perSide; done += 1) {
    try {
      await random.pick(actions)?.();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!usual.test(text)) faults.push(text);
    }
  }
  return faults;
}

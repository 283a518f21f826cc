// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute } from './table/execute.ts';
import { createWorldWithImage, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorldWithImage();
});
afterAll(() => world[Symbol.asyncDispose]());

/** What it prints; it must succeed. */
async function lading(words: string): Promise<string> {
  const { code, out, err } = await world.lading(words);
  if (code !== 0) throw new Error(`lading ${words}: ${err}`);
  return out.trim();
}

/** podman on the store of lading. */
async function podman(words: string): Promise<string> {
  const { dir } = world;
  const roots = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), '--tmpdir', join(dir, 'podman')];
  const command = ['podman', ...roots, '--storage-driver', 'overlay', ...words.split(' ')];
  const { code, out, err } = await execute(command, { PATH: process.env.PATH ?? '', HOME: dir }, dir);
  if (code !== 0) throw new Error(`podman ${words}: ${err}`);
  return out.trim();
}

async function pushed(name: string): Promise<unknown> {
  const [host = ''] = world.image.split('/');
  const accept = 'application/vnd.oci.image.index.v1+json';
  const response = await fetch(`http://${host}/v2/${name}/manifests/latest`, { headers: { accept } });
  return response.json();
}

describe('lists of images', () => {
  it('are read, changed and pushed by podman and lading in turn', async () => {
    const { image } = world;
    const [host = ''] = image.split('/');
    const id = await lading('manifest create both');
    await lading(`manifest add --tls-verify=false --annotation from=lading both ${image}`);
    expect(await podman('manifest inspect both')).toBe(await lading('manifest inspect both'));
    const digest = /sha256:[\da-f]{64}/.exec(await podman('manifest inspect both'))?.[0];
    expect(await podman(`manifest annotate --annotation from=podman --arch arm64 both ${digest}`)).toBe(id);
    expect(await lading('manifest inspect both')).toBe(await podman('manifest inspect both'));
    await lading(`manifest push --tls-verify=false both ${host}/by/lading`);
    await podman(`manifest push --tls-verify=false both ${host}/by/podman`);
    expect(await pushed('by/lading')).toEqual(await pushed('by/podman'));
    expect(await pushed('by/lading')).toMatchObject({
      manifests: [{ digest, annotations: { from: 'podman' }, platform: { architecture: 'arm64' } }],
    });
    expect(await lading('system check')).toBe('');
    expect(await podman('manifest rm both')).toContain(`Deleted: ${id}`);
    expect((await world.lading('manifest exists both')).code).toBe(1);
  });

  it('of podman with images of the store are pushed, and named as themselves', async () => {
    const { image } = world;
    const [host = ''] = image.split('/');
    const id = await podman(`manifest create stored containers-storage:${image}`);
    await lading('tag stored also');
    await lading(`manifest push --tls-verify=false stored ${host}/by/stored`);
    expect(await pushed('by/stored')).toMatchObject({ manifests: [{ platform: { os: 'linux' } }] });
    expect(await lading('image inspect --format {{.RepoTags}} stored')).toBe(`[${image}:latest]`);
    // Not the image in the list, which podman 4.3 would remove.
    expect(await lading('rmi also')).toBe('Untagged: localhost/also:latest');
    expect(await lading('rmi stored')).toBe(`Untagged: localhost/stored:latest\nDeleted: ${id}`);
    expect(await lading(`image exists ${image}`)).toBe('');
  });

  it('change one at a time', async () => {
    const { image } = world;
    await lading('manifest create busy');
    const places = Array.from({ length: 4 }, (_, i) => join(world.dir, `image${i}`));
    for (const [i, place] of places.entries()) {
      await lading(`push -q --format ${i % 2 === 0 ? 'oci' : 'v2s2'} ${image} dir:${place}`);
    }
    await Promise.all(places.map((place) => lading(`manifest add busy dir:${place}`)));
    const digests = (await lading('manifest inspect busy')).match(/sha256:[\da-f]{64}/g) ?? [];
    expect(new Set(digests).size).toBe(2);
    expect((await lading('__complete manifest rm bu')).split('\n')[0]).toBe('busy:latest');
    await lading('manifest rm busy');
  });

  it('without an image for this machine run nothing', async () => {
    await lading('manifest create empty');
    expect((await world.lading('run --rm --network none --pull never empty true')).err).toContain(
      'image not known',
    );
    await lading('manifest rm empty');
  });
});

// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Code } from '@lading/errors';
import { digestHex } from '@lading/image-spec';
import { openStore } from '@lading/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createMemorySource,
  destinationConformance,
  makeTestImage,
  makeTestIndex,
} from '../src/conformance.ts';
import { copyImage, hostPlatform, type ImageSource, openDestination, openSource } from '../src/index.ts';

const run = promisify(execFile);

/** A store of its own, as a reference names it. */
async function makeStore() {
  // Lower case and short: podman makes a name of a path, and takes no long one.
  const folder = join(tmpdir(), `lading-copy-${randomUUID().slice(0, 8)}`);
  await mkdir(folder);
  const [graphRoot, runRoot] = [join(folder, 'graph'), join(folder, 'run')];
  return {
    graphRoot,
    runRoot,
    prefix: `containers-storage:[overlay@${graphRoot}+${runRoot}]`,
    async dispose() {
      // The tools of containers/storage keep this folder mounted on itself.
      await run('umount', ['-l', join(graphRoot, 'overlay')]).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

destinationConformance('containers-storage:', async () => {
  const { prefix, dispose } = await makeStore();
  return {
    destination: () => openDestination(`${prefix}example.com/app:1`),
    source: () => openSource(`${prefix}example.com/app:1`),
    dispose,
  };
});

describe('an image in the local store', () => {
  let store: Awaited<ReturnType<typeof makeStore>>;
  beforeEach(async () => {
    store = await makeStore();
  });
  afterEach(() => store.dispose());

  async function copyIn(source: ImageSource, name: string) {
    const destination = await openDestination(store.prefix + name);
    try {
      return await copyImage(source, destination);
    } finally {
      await destination.close();
    }
  }
  const podman = async (...argv: string[]): Promise<string> =>
    (await run('podman', ['--root', store.graphRoot, '--runroot', store.runRoot, ...argv])).stdout;
  const layerCount = async (): Promise<number> => {
    const opened = await openStore({ graphRoot: store.graphRoot, runRoot: store.runRoot });
    try {
      return (await opened.layers.list()).length;
    } finally {
      await opened.close();
    }
  };

  it('is seen by podman, with its digests, its layers and its files', async () => {
    const image = await makeTestImage({ seed: 'podman', layers: 3 });
    await copyIn(createMemorySource(image), 'example.com/team/app:1');
    const [found] = JSON.parse(await podman('image', 'inspect', 'example.com/team/app:1')) as [
      { Id: string; Digest: string; RepoTags: string[]; RootFS: { Layers: string[] } },
    ];
    expect(found).toMatchObject({
      Id: digestHex(image.config.digest),
      Digest: image.top.digest,
      RepoTags: ['example.com/team/app:1'],
    });
    expect(found.RootFS.Layers).toHaveLength(3);
    const mounted = (await podman('image', 'mount', found.Id)).trim();
    const { stdout } = await run('cat', [join(mounted, 'file-0'), join(mounted, 'file-2')]);
    expect(stdout).toBe('podman 0\n'.repeat(50) + 'podman 2\n'.repeat(50));
    await podman('image', 'umount', found.Id);
  });

  it('that was chosen from an index is known by the digest of both', async () => {
    const platforms = [{ os: 'linux', architecture: 's390x' }, hostPlatform()];
    const images = await Promise.all(
      platforms.map(async (platform) => ({
        image: await makeTestImage({ seed: platform.architecture, platform }),
        platform,
      })),
    );
    const index = await makeTestIndex(images);
    await copyIn(createMemorySource(index), 'example.com/app:1');
    for (const digest of [index.top.digest, images[1]?.image.top.digest]) {
      const id = await podman('image', 'inspect', '--format', '{{.Id}}', `example.com/app@${digest}`);
      expect(`sha256:${id}`).toBe(`${images[1]?.image.config.digest}\n`);
    }
  });

  it('is read back with the same ID, the same files and good digests', async () => {
    const image = await makeTestImage({ seed: 'back', layers: 3 });
    await copyIn(createMemorySource(image), 'example.com/app:1');
    const source = await openSource(`${store.prefix}example.com/app:1`);
    const copied = await copyImage(source, await openDestination(`oci:${store.graphRoot}-out:x`));
    await source.close();
    expect(copied.config).toBe(image.config.digest);
    const again = await openSource(`oci:${store.graphRoot}-out:x`);
    await copyIn(again, 'example.com/again:1');
    expect(await layerCount()).toBe(3);
    expect(await podman('images', '-q', '--no-trunc')).toBe(`${image.config.digest}\n`);
  });

  it('that podman pulled is read', async () => {
    const image = await makeTestImage({ seed: 'theirs' });
    const layout = `oci:${store.graphRoot}-in:x`;
    await copyImage(createMemorySource(image), await openDestination(layout));
    await podman('pull', '-q', layout);
    const [id = ''] = (await podman('images', '-q', '--no-trunc')).split('\n');
    const source = await openSource(store.prefix + id.replace('sha256:', ''));
    try {
      expect((await source.manifest()).digest).toBe(image.top.digest);
      const copied = await copyImage(source, await openDestination(`dir:${store.graphRoot}-dir`));
      expect(copied.config).toBe(image.config.digest);
    } finally {
      await source.close();
    }
  });

  it('can have the same layer twice', async () => {
    const image = await makeTestImage({ seed: 'twice', sameLayers: true, layers: 3 });
    await copyIn(createMemorySource(image), 'example.com/app:1');
    expect(await layerCount()).toBe(3);
    expect(await podman('images', '-q')).not.toBe('');
  });

  it('whose config lies about a layer leaves nothing', async () => {
    const image = await makeTestImage({ seed: 'honest' });
    const other = await makeTestImage({ seed: 'other' });
    const lying = await makeTestImage({ seed: 'lying', diffIdsOf: other });
    expect(lying.layers.map(({ digest }) => digest)).not.toEqual(image.layers.map(({ digest }) => digest));
    await expect(copyIn(createMemorySource(lying), 'example.com/app:1')).rejects.toMatchObject({
      code: Code.DataLoss,
      details: { side: 'source' },
    });
    expect(await layerCount()).toBe(0);
    expect(await podman('images', '-q')).toBe('');
  });

  it('does not give its layers to an image that only names their diffIDs', async () => {
    const secret = await makeTestImage({ seed: 'secret' });
    await copyIn(createMemorySource(secret), 'example.com/secret:1');
    const thief = await makeTestImage({ seed: 'thief', diffIdsOf: secret });
    await expect(copyIn(createMemorySource(thief), 'example.com/thief:1')).rejects.toMatchObject({
      code: Code.DataLoss,
    });
    expect(await layerCount()).toBe(2);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { digestHex } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { openStore } from '@lading/storage';
import { beforeEach, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { createMemorySource, makeTestImage, makeTestIndex, type TestImage } from '../src/conformance.ts';
import {
  type CopyOptions,
  copyImage,
  hostPlatform,
  openDestination,
  openKnownLayers,
  openSource,
} from '../src/index.ts';
import { later, makeFolder, makePodman, type Podman, skopeo } from './programs.ts';

let cwd: string;
let podman: Podman;
let store: string;
beforeEach(async () => {
  cwd = await makeFolder();
  podman = await makePodman();
  store = `[overlay@${podman.graphRoot}+${podman.graphRoot.replace(/graph$/, 'run')}]`;
});

async function copy(from: TestImage | string, to: string, options: CopyOptions = {}) {
  const context = { cwd, tlsVerify: false };
  const source = typeof from === 'string' ? await openSource(from, context) : createMemorySource(from);
  const destination = await openDestination(to, context);
  try {
    return await copyImage(source, destination, options);
  } finally {
    await source.close();
    await destination.close();
  }
}

describe('references to the local store', () => {
  it('mean the same image to us as to skopeo', { timeout: 120_000 }, async () => {
    const image = await makeTestImage({ seed: 'refs', layers: 1 });
    const other = await makeTestImage({ seed: 'other', layers: 1 });
    const index = await makeTestIndex([{ image, platform: hostPlatform() }]);
    await copy(index, `containers-storage:${store}docker.io/library/busybox:1`);
    await copy(other, `containers-storage:${store}quay.io/team/app:2`);
    let found = 0;
    const [id, otherId] = [digestHex(image.config.digest), digestHex(other.config.digest)];
    for (const text of [
      'busybox:1',
      'docker.io/busybox:1',
      'docker.io/library/busybox:1',
      id,
      `@${id}`,
      id.slice(0, 12),
      `@${id.slice(0, 12)}`,
      `busybox:1@${id}`,
      `busybox@${id}`,
      `busybox:other@${id}`,
      `busybox:1@${id.slice(0, 12)}`,
      `busybox@${image.top.digest}`,
      `busybox@${index.top.digest}`,
      `busybox:1@${image.top.digest}`,
      `busybox@${image.top.digest}@${id}`,
      // And those that mean none.
      'busybox',
      'busybox:2',
      'quay.io/busybox:1',
      `busybox:1@${otherId}`,
      `quay.io/team/app@${image.top.digest}`,
      `@${'0'.repeat(64)}`,
      'busybox@',
      'busybox@zz',
      '@',
      'Busybox:1',
    ]) {
      const reference = `containers-storage:${store}${text}`;
      const theirs = await skopeo(cwd, '--insecure-policy', 'inspect', '--config', '--raw', reference).then(
        (config) => config,
        () => undefined,
      );
      const destination = await openDestination('dir:out', { cwd });
      const ours = await openSource(reference)
        .then((source) => copyImage(source, destination).finally(() => source.close()))
        .then(
          ({ config }) => config,
          (error: unknown) => {
            const known = LadingError.from(error);
            expect([Code.NotFound, Code.InvalidArgument]).toContain(known.code);
            expect(known.message).toMatch(/^[^\n]+$/);
            return undefined;
          },
        );
      if (ours !== undefined) found += 1;
      expect([text, ours]).toEqual([text, theirs === undefined ? undefined : image.config.digest]);
    }
    expect(found).toBe(15);
  });

  it('are written with a digest, an ID, both or no name', async () => {
    const image = await makeTestImage({ seed: 'written', layers: 1 });
    const { digest } = image.top;
    const own = 'ab'.repeat(32);
    await copy(image, `containers-storage:${store}example.com/a@${digest}`);
    await copy(image, `containers-storage:${store}example.com/b:1@${own}`);
    const unnamed = await makeTestImage({ seed: 'unnamed', layers: 1 });
    await copy(unnamed, `containers-storage:${store}@${digestHex(unnamed.config.digest)}`);
    const found = JSON.parse(await podman('images', '--all', '--no-trunc', '--format', 'json')) as {
      Id: string;
      Names?: string[];
      Digest: string;
    }[];
    const known = found.map(({ Id, Names, Digest }) => [Id, Names?.[0], Digest]);
    expect(known).toHaveLength(3);
    expect(known).toContainEqual([own, 'example.com/b:1', digest]);
    expect(known).toContainEqual([digestHex(unnamed.config.digest), undefined, unnamed.top.digest]);
    expect(known).toContainEqual([digestHex(image.config.digest), `example.com/a@${digest}`, digest]);
    await expect(copy(unnamed, `containers-storage:${store}example.com/a@${digest}`)).rejects.toMatchObject({
      reason: 'DIGEST_MISMATCH',
      details: { side: 'destination' },
    });
    await expect(copy(unnamed, `containers-storage:${store}@abcdef`)).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });

  it('may say options of the driver', async () => {
    const image = await makeTestImage({ seed: 'options', layers: 1 });
    const withOptions = `${store.slice(0, -1)}:overlay.mountopt=nodev]`;
    await copy(image, `containers-storage:${withOptions}example.com/a:1`);
    const theirs = await skopeo(
      cwd,
      'inspect',
      '--config',
      '--raw',
      `containers-storage:${withOptions}example.com/a:1`,
    );
    expect(theirs).not.toBe('');
    await expect(openSource('containers-storage:[vfs@/tmp]x')).rejects.toMatchObject({
      code: Code.Unimplemented,
    });
    for (const wrong of ['[', '[]x', '[overlay@]x', '[relative]x', '[@/x]x']) {
      await expect(openSource(`containers-storage:${wrong}`)).rejects.toMatchObject({
        code: Code.InvalidArgument,
      });
    }
  });

  it("take an image of Docker's schema 1 as one of schema 2", async () => {
    const registry = await startDockerRegistry({ schema1: true });
    later(async () => registry[Symbol.asyncDispose]());
    const image = await makeTestImage({ seed: 'old', format: 'v2s2' });
    await copy(image, `docker://${registry.host}/app:1`, { format: 'v2s1' });
    const { config } = await copy(`docker://${registry.host}/app:1`, `containers-storage:${store}app:1`);
    expect(await podman('images', '-q', '--no-trunc')).toBe(`${config}\n`);
  });
});

describe('an image that was pulled', () => {
  it.each([
    ['the registry has its layers', 'app:2'],
    ['another repository has its layers', 'other:1'],
  ])('goes back as it was where %s', async (_name, to) => {
    const registry = await startRegistry();
    later(() => registry.close());
    const image = await makeTestImage({ seed: 'pulled', layers: 3 });
    await copy(image, `docker://${registry.host}/app:1`);
    const knownLayers = openKnownLayers(join(cwd, 'known'));
    await copy(`docker://${registry.host}/app:1`, `containers-storage:${store}app:1`, { knownLayers });
    const opened = await openStore({
      graphRoot: podman.graphRoot,
      runRoot: podman.graphRoot.replace(/graph$/, 'run'),
    });
    later(() => opened.close());
    let reads = 0;
    const source = await openSource('containers-storage:app:1', {
      store: async () => ({
        ...opened,
        layers: {
          ...opened.layers,
          open: (...args: Parameters<typeof opened.layers.open>) => {
            reads += 1;
            return opened.layers.open(...args);
          },
        },
      }),
    });
    const destination = await openDestination(`docker://${registry.host}/${to}`, { tlsVerify: false });
    const { descriptor } = await copyImage(source, destination, { knownLayers, preserveDigests: true });
    await destination.close();
    await source.close();
    expect([descriptor.digest, reads]).toEqual([image.top.digest, 0]);
  });
});

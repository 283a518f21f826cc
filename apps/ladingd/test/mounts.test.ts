// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MountPropagation } from '@lading/cri-api';
import { mount, unmount } from '@lading/linux';
import { openStore } from '@lading/storage';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { podCalls } from './pod-calls.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let image: string;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

const { runPod, create, start, exec } = podCalls(() => ({ world, daemon, image }));

describe('image volumes', () => {
  it('hold the files of the image, for reading only, and their status names it', async () => {
    const pod = await runPod('volume');
    const mounts = [{ image: { image: world.image }, containerPath: '/data', readonly: true }];
    const id = await start(pod, 'a', { mounts });
    expect(await exec(id, 'cat /data/etc/passwd')).toContain('web:x:33:34');
    expect(await exec(id, 'echo x >/data/new')).toContain('Read-only file system');
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status?.mounts).toMatchObject([
      { containerPath: '/data', readonly: true, image: { image: world.image, imageRef: image } },
    ]);
  });

  it('hold a folder of the image, and never one outside of it', async () => {
    const pod = await runPod('sub');
    const of = (imageSubPath: string) => ({
      mounts: [{ image: { image }, imageSubPath, containerPath: '/data', readonly: true }],
    });
    const id = await start(pod, 'a', of('etc'));
    expect(await exec(id, 'ls /data')).toBe('group\npasswd\n');
    await expect(create(pod, 'b', of('no/such'))).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('ImageVolumeMountFailed'),
    });
  });
});

describe('an image volume', () => {
  it('that a daemon was mounting when it was killed is mounted again, and its image can be removed', async () => {
    const copy = `${world.image}:again`;
    const pod = await runPod('killed-volume');
    await daemon.images.pullImage({ image: { image: copy } });
    // Mounted for a container that was being made, as a kill leaves it.
    const roots = { graphRoot: join(world.root, 'graph'), runRoot: join(world.root, 'run') };
    await using store = await openStore(roots);
    await store.images.mount(image);
    const notes = join(world.root, 'run/lading/image-mounts');
    await mkdir(notes, { recursive: true });
    await writeFile(join(notes, 'ab'.repeat(32)), `${image}\n`);
    await daemon.end('SIGKILL');
    daemon = await world.serve();
    expect(world.leftovers().filter((line) => line.startsWith(`mount ${roots.graphRoot}/overlay`))).toEqual(
      [],
    );
    const mounts = [{ image: { image: copy }, containerPath: '/data', readonly: true }];
    const id = await start(pod, 'a', { mounts });
    expect(await exec(id, 'ls /data/etc')).toBe('group\npasswd\n');
    // One that was mounted for this container goes with it.
    await store.images.mount(image);
    await writeFile(join(notes, id), `${image}\n`);
    await daemon.runtime.removePodSandbox({ podSandboxId: pod });
    await daemon.images.removeImage({ image: { image } });
    expect(world.leftovers()).toEqual([]);
    ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
  });
});

describe('mounts', () => {
  it('pass on what is mounted later, in the directions of the request', async () => {
    const folder = join(world.root, 'spread');
    await mkdir(folder);
    mount({ source: folder, target: folder, flags: ['bind'] });
    mount({ target: folder, flags: ['shared'] });
    try {
      const pod = await runPod('spread');
      for (const [name, propagation, fromNode, toNode] of [
        ['private', MountPropagation.PROPAGATION_PRIVATE, false, false],
        ['slave', MountPropagation.PROPAGATION_HOST_TO_CONTAINER, true, false],
        ['shared', MountPropagation.PROPAGATION_BIDIRECTIONAL, true, true],
      ] as const) {
        const source = join(folder, name);
        for (const one of ['node', 'inside']) await mkdir(join(source, one), { recursive: true });
        const id = await start(pod, name, {
          mounts: [{ hostPath: source, containerPath: '/data', propagation }],
          linux: { securityContext: { privileged: true } },
        });
        mount({ source: 'x', target: join(source, 'node'), type: 'tmpfs' });
        await writeFile(join(source, 'node/file'), '');
        expect(await exec(id, 'ls /data/node')).toBe(fromNode ? 'file\n' : '');
        expect(await exec(id, 'busybox mount -t tmpfs x /data/inside && echo >/data/inside/file')).toBe('');
        expect(existsSync(join(source, 'inside/file'))).toBe(toNode);
        unmount(join(source, 'node'));
        if (toNode) unmount(join(source, 'inside'));
      }
    } finally {
      unmount(folder, { lazy: true });
    }
  });

  it('are read-only to their depth when that is asked for', async () => {
    const root = await mkdtemp(join(world.root, 'deep-'));
    await mkdir(join(root, 'sub'));
    mount({ source: 'deep', target: join(root, 'sub'), type: 'tmpfs' });
    try {
      const pod = await runPod('rro');
      const of = (recursiveReadOnly: boolean) => ({
        mounts: [{ hostPath: root, containerPath: '/data', readonly: true, recursiveReadOnly }],
      });
      const deep = await start(pod, 'deep', of(true));
      expect(await exec(deep, 'echo x >/data/sub/x')).toContain('Read-only file system');
      const shallow = await start(pod, 'shallow', of(false));
      expect(await exec(shallow, 'echo x >/data/sub/x')).toBe('');
      const { status } = await daemon.runtime.containerStatus({ containerId: deep });
      expect(status?.mounts[0]?.recursiveReadOnly).toBe(true);
    } finally {
      await world.clear();
      unmount(join(root, 'sub'));
      await rm(root, { recursive: true });
    }
  });

  it('take the options of the request', async () => {
    const pod = await runPod('options');
    const mounts = [
      { hostPath: world.root, containerPath: '/data', mountOptions: ['noexec', 'nosuid', 'nodev'] },
    ];
    const id = await start(pod, 'a', { mounts });
    const line = (await exec(id, 'cat /proc/self/mounts'))
      .split('\n')
      .find((text) => text.includes(' /data '));
    expect(line).toMatch(/nosuid,nodev,noexec/);
    const { status } = await daemon.runtime.containerStatus({ containerId: id });
    expect(status?.mounts).toMatchObject(mounts);
    // Without which a kubelet would not send any.
    expect((await daemon.runtime.status({})).features?.mountOptions).toBe(true);
  });
});

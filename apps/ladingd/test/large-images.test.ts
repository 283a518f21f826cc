// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Input, LinuxContainerSecurityContext } from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { busyboxLayer } from './busybox-image.ts';
import { pushDebianImage } from './debian-image.ts';
import { packFolder } from './pack-folder.ts';
import { pushImage } from './push-image.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let host: string;
let debian: readonly string[];
beforeAll(async () => {
  world = await createWorld();
  [host = ''] = world.image.split('/');
  debian = await pushDebianImage({ host, name: 'debian' }, join(world.root, 'debian'));
  daemon = await world.serve();
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

/** Starts a container of the image in a pod; gives what commands in it say. */
async function start(
  name: string,
  command: string[],
  securityContext: Input<LinuxContainerSecurityContext> = {},
): Promise<(script: string) => Promise<{ exitCode: number; stdout: string; stderr: string }>> {
  const { runtime, images } = daemon;
  const { imageRef } = await images.pullImage({ image: { image: `${host}/${name}` } });
  const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('large') });
  const config = {
    metadata: { name: 'main' },
    image: { image: imageRef },
    command,
    linux: { securityContext },
  };
  const { containerId } = await runtime.createContainer({ podSandboxId, config });
  await runtime.startContainer({ containerId });
  return async (script) => {
    const { exitCode, stdout, stderr } = await runtime.execSync({ containerId, cmd: ['sh', '-c', script] });
    return { exitCode, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() };
  };
}

describe('a root file system of Debian', () => {
  it('runs in a pod: its shell, its package database, its rights on files', async () => {
    const inside = await start('debian', ['bash', '-c', 'sleep infinity & wait']);
    const { stdout: listed } = await inside("dpkg-query -W | sed 's/[:\t].*//'");
    expect(listed.trim().split('\n')).toEqual(debian.toSorted());
    const { stdout } = await inside('readlink /bin; stat -c "%a %U:%G %n" /usr/bin/su /tmp; id -un');
    expect(stdout).toBe('usr/bin\n4755 root:root /usr/bin/su\n1777 root:root /tmp\nroot\n');
    expect(
      await inside('perl -e \'open F, ">", "/var/x"; print F "y"; close F; print -s "/var/x"\''),
    ).toEqual({
      exitCode: 0,
      stdout: '1',
      stderr: '',
    });
    const { stdout: nobody } = await inside('setpriv --reuid nobody --regid nogroup --clear-groups id');
    expect(nobody).toBe('uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n');
  });

  it('runs as one of its users, for reading only', async () => {
    const inside = await start('debian', ['sleep', 'infinity'], {
      runAsUsername: 'www-data',
      readonlyRootfs: true,
    });
    const { exitCode, stdout, stderr } = await inside('id -un; touch /tmp/x');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'www-data\n' });
    expect(stderr).toContain('Read-only file system');
  });
});

describe('an image of thirty layers', () => {
  it('shows the last word on each file', async () => {
    const work = join(world.root, 'thirty');
    const layers = [await busyboxLayer(work)];
    for (let i = 1; i < 30; i++) {
      const root = join(work, `layer-${i}`);
      await mkdir(join(root, 'layers'), { recursive: true });
      await writeFile(join(root, 'last'), `${i}`);
      await writeFile(join(root, 'layers', `${i}`), '');
      if (i > 5) await writeFile(join(root, 'layers', `.wh.${i - 5}`), '');
      layers.push(await packFolder(root));
    }
    await pushImage({ host, name: 'thirty' }, ['latest'], layers, { Env: ['PATH=/bin'] });
    const inside = await start('thirty', ['sleep', '1000']);
    expect(await inside('cat /last; ls /layers; rm -r /layers; ls /')).toEqual({
      exitCode: 0,
      stdout: `29${[25, 26, 27, 28, 29].join('\n')}\nbin\ndev\netc\nlast\nproc\nsrv\nsys\ntmp\n`,
      stderr: '',
    });
  });
});

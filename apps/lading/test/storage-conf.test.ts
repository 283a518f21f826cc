// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, eventually, self, type World } from './world.ts';

const exec = promisify(execFile);
let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Runs the program with roots from a storage.conf alone. */
async function lading(options: string, ...argv: string[]): Promise<string> {
  const path = join(world.dir, 'storage.conf');
  await writeFile(
    path,
    `[storage]
     driver = "overlay"
     graphroot = "${world.dir}/own"
     runroot = "${world.dir}/own-run"
     [storage.options]
     additionalimagestores = ["${world.env.LADING_ROOT}"]
     [storage.options.overlay]
     ${options}`,
  );
  const [node = '', ...rest] = self;
  const env = { PATH: world.env.PATH ?? '', CONTAINERS_STORAGE_CONF: path };
  return (await exec(node, [...rest, ...argv], { env })).stdout;
}

describe('storage.conf', () => {
  it('says where images may be beside those of the store, and how containers are mounted', async () => {
    const options = 'mountopt = "noatime,metacopy=on"';
    expect(await lading(options, 'images', '--format', '{{.Repository}}')).toBe(`${world.image}\n`);
    const mounts = await lading(
      options,
      'run',
      '--rm',
      '--network',
      'none',
      world.image,
      'cat',
      '/proc/mounts',
    );
    expect(mounts).toMatch(/^overlay \/ overlay rw,noatime,\S*metacopy=on/);
    expect(existsSync(join(world.dir, 'own/overlay-containers/containers.json'))).toBe(true);
    await eventually(
      () => lading(options, 'ps', '-aq'),
      (left) => left === '',
    );
  });

  it('is refused when it asks for a store that this is not, and says what', async () => {
    await expect(lading('force_mask = "700"', 'images')).rejects.toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/overlay\.force_mask.*take it out/),
    });
  });
});

describe('--imagestore', () => {
  it('keeps images apart from containers', async () => {
    const images = join(world.dir, 'images');
    const apart = (...argv: string[]) => world.lading(['--imagestore', images, ...argv]);
    const named = ['--tls-verify=false', '--network', 'none', '--name', 'apart'];
    const { out } = await apart('run', ...named, world.image, 'sh', '-c', 'echo hello > /new; cat /new');
    expect(out).toBe('hello\n');
    // The image was in the graph root before: what is in the new one came through it.
    expect(existsSync(join(images, 'overlay-images/images.lock'))).toBe(true);
    expect((await apart('rm', 'apart')).code).toBe(0);
    expect((await apart('rmi', world.image)).code).toBe(0);
    expect((await apart('pull', '-q', '--tls-verify=false', world.image)).code).toBe(0);
    expect(await readFile(join(images, 'overlay-images/images.json'), 'utf8')).toContain(world.image);
    expect(await readFile(join(world.dir, 'root/overlay-images/images.json'), 'utf8')).toBe('[]');
    expect((await world.lading('images -q')).out).toBe('');
    expect((await apart('run', '--rm', ...named, world.image, 'echo', 'again')).out).toBe('again\n');
    expect((await apart('rmi', world.image)).code).toBe(0);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, eventually, self, type World } from './world.ts';

const exec = promisify(execFile);
let world: World;

beforeAll(async () => {
  world = await createWorld();
  await world.lading(`pull -q --tls-verify=false ${world.image}`);
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
    await expect(lading('size = "1G"', 'images')).rejects.toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/overlay\.size.*take it out/),
    });
  });
});

// SPDX-License-Identifier: Apache-2.0
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile, mount, unmount } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, ended, type World } from './world.ts';

let world: World;
const mounted: string[] = [];
let globalFlags: readonly string[] = [];
beforeEach(async () => {
  globalFlags = [];
  world = await createWorld();
});
afterEach(async () => {
  try {
    await world.lading([...globalFlags, 'system', 'reset', '--force']);
    await ended(world.dir);
  } finally {
    for (const target of mounted.splice(0)) unmount(target, { lazy: true });
    await world[Symbol.asyncDispose]();
  }
});

/** Puts the store, or a part of it, on a file system of its own. */
async function small(folder: string, megabytes: number): Promise<string> {
  const target = join(world.dir, folder);
  await mkdir(target, { recursive: true });
  mount({ source: 'small', target, type: 'tmpfs', flags: [], data: `size=${megabytes}m` });
  mounted.push(target);
  return target;
}

/** Takes all room that is left. */
function fill(folder: string): void {
  const file = openSync(join(folder, 'filler'), 'w');
  try {
    for (const size of [1 << 20, 4096, 1]) {
      try {
        for (;;) writeSync(file, new Uint8Array(size));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

async function succeeds(line: string | readonly string[]): Promise<string> {
  const words = typeof line === 'string' ? line.split(' ') : line;
  const { code, out, err } = await world.lading([...globalFlags, ...words]);
  expect({ line, code, err }).toEqual({ line, code: 0, err: expect.any(String) });
  return out.trim();
}

/** Removed by what the tests call: containers in each state, an image, a volume and a secret. */
async function prepare(): Promise<void> {
  const { image } = world;
  await mkdir(join(world.dir, 'bell'));
  await succeeds(`pull -q --tls-verify=false ${image}`);
  await succeeds(`create --name made --network none ${image} true`);
  const untilRung = ['sh', '-c', 'until [ -e /bell/rung ]; do sleep 0.05; done; exit 3'];
  for (const name of ['runs', 'stops', 'ends']) {
    const flags = `--name ${name} --network none -v ${world.dir}/bell:/bell`;
    await succeeds([...`run -d ${flags} ${image}`.split(' '), ...untilRung]);
  }
  await succeeds('volume create data');
  await succeeds('secret create word /etc/hostname');
}

const places: readonly (readonly [string, string, number])[] = [
  ['under the store', 'root', 24],
  ['under the run folder', 'run', 4],
  ['under the images, which are apart,', 'images', 24],
];

describe('a full disk', () => {
  it.each(places)('%s lets what is there be stopped and removed', async (_name, folder, megabytes) => {
    const target = await small(folder, megabytes);
    if (folder === 'images') globalFlags = ['--imagestore', target];
    await prepare();
    fill(target);
    await succeeds('stop --time 0 stops');
    expect(await succeeds('inspect --format {{.State.Status}} stops')).toBe('exited');
    await succeeds('rm --force --time 0 runs');
    await succeeds('rm made');
    await writeFile(join(world.dir, 'bell/rung'), '');
    expect(await succeeds('wait ends')).toBe('3');
    await succeeds('container prune --force');
    await succeeds('volume rm data');
    await succeeds('secret rm word');
    await succeeds(`rmi ${world.image}`);
    expect(await succeeds('ps --all --quiet')).toBe('');
    expect(await succeeds('images --quiet')).toBe('');
  });

  it.each(places)('%s lets the whole store be emptied', async (_name, folder, megabytes) => {
    const target = await small(folder, megabytes);
    if (folder === 'images') globalFlags = ['--imagestore', target];
    await prepare();
    fill(target);
    await succeeds('system reset --force');
    expect(await succeeds('ps --all --quiet')).toBe('');
    expect(await succeeds('images --quiet')).toBe('');
  });

  it('under the run folder hangs no container that ends by itself', async () => {
    const target = await small('run', 4);
    await prepare();
    fill(target);
    await writeFile(join(world.dir, 'bell/rung'), '');
    // The monitor could not write how it ended.
    expect(await succeeds('wait ends')).toBe('255');
    await succeeds('rm ends');
  });

  it('under the run folder lets an end be told while another process waits for it, with the lock', async () => {
    const target = await small('run', 4);
    await prepare();
    const id = await succeeds('inspect --format {{.Id}} ends');
    fill(target);
    const lock = await lockFile(join(target, `lading/locks/${id}.lock`), { mode: 'exclusive' });
    try {
      await writeFile(join(world.dir, 'bell/rung'), '');
      await expect.poll(() => existsSync(join(target, 'lading/exits', id))).toBe(true);
    } finally {
      lock.release();
    }
    expect(await succeeds('wait ends')).toBe('255');
  });

  it('fails what wants room, naming the file, and leaves nothing half-made', async () => {
    const target = await small('root', 24);
    await prepare();
    fill(target);
    for (const line of [
      'commit stops new',
      'start --attach made',
      `run --network none ${world.image} true`,
    ]) {
      const { code, err } = await world.lading(line);
      expect({ line, code, err }).toEqual({
        line,
        code: 125,
        err: expect.stringMatching(
          new RegExp(`cannot write ${target}/.*: ENOSPC: .*; make room, and try again`),
        ),
      });
    }
    expect(await succeeds('ps --all --format {{.Names}}')).toBe('made\nruns\nstops\nends');
    expect(await succeeds('images --format {{.Repository}}')).toBe(world.image);
  });

  it('under the run folder fails a command in a container, naming the file', async () => {
    const target = await small('run', 4);
    await prepare();
    fill(target);
    const { code, err } = await world.lading('exec runs true');
    expect({ code, err }).toEqual({
      code: 125,
      err: expect.stringMatching(
        /^Error: cannot write .*\/process\.json: ENOSPC: .*; make room, and try again\n$/,
      ),
    });
    const work = await readdir(join(target, 'lading/exits/.work'));
    expect(work.filter((name) => name.startsWith('exec-'))).toEqual([]);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuncRuntime, type RuncRuntime } from '../src/index.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let folders: { readonly imagePath: string; readonly workPath: string };
beforeEach(async () => {
  world = await makeWorld();
  folders = { imagePath: join(world.folder, 'images'), workPath: join(world.folder, 'work') };
  for (const path of Object.values(folders)) await mkdir(path);
});
afterEach(() => world[Symbol.asyncDispose]());

/** The runtime of the world behind a script. */
async function behind(script: string): Promise<RuncRuntime> {
  const runtimePath = join(world.folder, 'script');
  await writeFile(runtimePath, `#!/bin/sh\n${script}\n`);
  await chmod(runtimePath, 0o755);
  return createRuncRuntime({ root: world.root, exitDir: world.exitDir, runtimePath });
}

async function running(): Promise<string> {
  const { id } = await world.create('sleep 1000');
  await world.runtime.start(id);
  return id;
}

describe('a checkpoint', () => {
  it('is made by CRIU, or refused in its words where it cannot work, and the process runs on', async () => {
    const id = await running();
    const made = world.runtime.checkpoint(id, folders);
    // Sandboxes and young kernels are not for every CRIU.
    if (spawnSync('criu', ['check']).status === 0) {
      await made;
      expect(await readdir(folders.imagePath)).toContain('inventory.img');
    } else {
      await expect(made).rejects.toMatchObject({
        code: Code.FailedPrecondition,
        reason: 'CHECKPOINT_FAILED',
        message: expect.stringMatching(/criu failed: .*; CRIU says: Error \(.*"criu check"/),
      });
    }
    expect(await world.runtime.state(id)).toMatchObject({ status: 'running' });
  });

  it('is refused where there is no CRIU', async () => {
    const runtime = await behind('exec env PATH=/nowhere "$(command -v runc)" "$@"');
    await expect(runtime.checkpoint(await running(), folders)).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'CRIU_UNKNOWN',
      message: expect.stringContaining('there is no criu in PATH'),
    });
  });

  it('leaves the process running, and has folders and time of its own', async () => {
    const id = await running();
    const recorded = await behind(`echo "$*" > ${world.folder}/words`);
    await recorded.checkpoint(id, folders);
    const { imagePath, workPath } = folders;
    expect((await readFile(join(world.folder, 'words'), 'utf8')).trim()).toMatch(
      `checkpoint --image-path=${imagePath} --work-path=${workPath} --leave-running ${id}`,
    );
    const slow = await behind('exec sleep 1000');
    await expect(slow.checkpoint(id, { ...folders, timeoutMs: 300 })).rejects.toMatchObject({
      code: Code.DeadlineExceeded,
      reason: 'RUNTIME_HANGS',
    });
  });

  it('is refused of a container that is not there, or not started', async () => {
    await expect(world.runtime.checkpoint('nobody', folders)).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'CONTAINER_UNKNOWN',
    });
    const { id } = await world.create('sleep 1000');
    await expect(world.runtime.checkpoint(id, folders)).rejects.toMatchObject({
      code: Code.FailedPrecondition,
    });
  });
});

// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRuncRuntime } from '@lading/runtime-runc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, RuntimeHandler } from '../src/index.ts';
import { type House, openHouse } from './support.ts';

let house: House;
let engine: Engine;
let id: string;
beforeAll(async () => {
  house = await openHouse();
  engine = await house.engine();
  id = (await engine.containers.create({ image: 'busybox', network: 'none', command: ['sleep', '1000'] })).id;
  await engine.containers.start(id);
  const command = ['sh', '-c', 'echo new > /srv/new; echo x >> /etc/group; rm /bin/nc /etc/passwd; mkdir /a'];
  await engine.containers.execSync(id, { command });
});
afterAll(() => house?.close());

/** An engine whose runtime has this script in place of `runc checkpoint`, as CRIU works in few sandboxes. */
async function withCheckpoint(script: string): Promise<Engine> {
  const runtimePath = join(house.root, 'script');
  const cases = `for word; do case $word in --image-path=*) images=\${word#*=} ;; --work-path=*) work=\${word#*=} ;; esac; done`;
  const lines = [cases, 'for word; do case $word in checkpoint)', script, ';; esac; done', 'exec runc "$@"'];
  await writeFile(runtimePath, `#!/bin/sh\n${lines.join('\n')}\n`);
  await chmod(runtimePath, 0o755);
  const [root, exitDir] = [join(house.root, 'run/runtime'), join(house.root, 'run/exits')];
  return house.engine({ runtimes: { runc: createRuncRuntime({ root, exitDir, runtimePath }) } });
}

const saving = 'echo pages > $images/pages-1.img; echo done > $work/dump.log; exit 0';
const archive = (): string => join(house.root, 'checkpoint.tar');
const tar = (...words: string[]): string => execFileSync('tar', words, { encoding: 'utf8' });

/** It runs, is not frozen, and has no folder of a checkpoint in its own. */
async function expectUntouched(): Promise<void> {
  const { status, bundle } = await engine.containers.inspect(id);
  expect(status).toBe('running');
  expect((await readdir(bundle)).filter((name) => name.startsWith('checkpoint-'))).toEqual([]);
  expect((await readdir(house.root)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
}

describe('a checkpoint', () => {
  it('is an archive of processes, of what was changed of the image, and of what the container is', async () => {
    const events: string[] = [];
    const frozen = `${saving.replace('exit 0', `cat /sys/fs/cgroup/freezer${house.cgroupParent}/*/freezer.state > $images/frozen; exit 0`)}`;
    const saver = await withCheckpoint(frozen);
    const stop = new AbortController();
    const heard = (async () => {
      for await (const { action } of saver.events({ signal: stop.signal })) events.push(action);
    })();
    await saver.containers.checkpoint(id, { archive: archive() });
    await expectUntouched();
    expect((await stat(archive())).mode & 0o777).toBe(0o600);
    expect(tar('tf', archive()).trim().split('\n').sort()).toEqual([
      'checkpoint/',
      'checkpoint/frozen',
      'checkpoint/pages-1.img',
      'config.dump',
      'deleted.files',
      'dump.log',
      'rootfs-diff.tar',
      'spec.dump',
    ]);
    tar('xf', archive(), '-C', house.root, 'rootfs-diff.tar');
    const diff = join(house.root, 'rootfs-diff.tar');
    expect(tar('xOf', archive(), 'checkpoint/frozen').trim()).toBe('FROZEN');
    const changed = tar('tf', diff).trim().split('\n');
    expect(changed).toEqual(expect.arrayContaining(['a/', 'etc/group', 'srv/new']));
    expect(changed.filter((name) => name.includes('.wh.'))).toEqual([]);
    expect(tar('xOf', diff, 'srv/new')).toBe('new\n');
    const deleted: unknown = JSON.parse(tar('xOf', archive(), 'deleted.files'));
    expect(deleted).toEqual(expect.arrayContaining(['/bin/nc', '/etc/passwd']));
    const { bundle, name, imageId } = await engine.containers.inspect(id);
    const spec = await readFile(join(bundle, 'config.json'), 'utf8');
    expect(tar('xOf', archive(), 'spec.dump')).toBe(spec);
    expect(JSON.parse(tar('xOf', archive(), 'config.dump'))).toMatchObject({
      ...{ id, name, rootfsImageRef: imageId, runtime: 'runc', restored: false },
      rootfsImageName: 'localhost/busybox:latest',
    });
    stop.abort();
    await heard;
    expect(events).toEqual(['checkpoint']);
  });

  it.each([
    ['fails', 'echo "(00.1) Error (criu/x.c:1): not here" > $work/dump.log; exit 1', 'CHECKPOINT_FAILED'],
    ['takes too long', 'exec sleep 1000', 'RUNTIME_HANGS'],
  ])('that %s leaves the container running and the archive as it was', async (_what, script, reason) => {
    await writeFile(archive(), 'older');
    const failing = await withCheckpoint(script);
    await expect(
      failing.containers.checkpoint(id, { archive: archive(), timeoutMs: 1500 }),
    ).rejects.toMatchObject({ reason });
    await expectUntouched();
    expect(await readFile(archive(), 'utf8')).toBe('older');
  });

  it('that cannot be written is refused, and one of a paused container leaves it paused', async () => {
    const saver = await withCheckpoint(saving);
    await saver.containers.pause(id);
    await saver.containers.checkpoint(id, { archive: archive() });
    expect((await engine.containers.inspect(id)).status).toBe('paused');
    await saver.containers.unpause(id);
    const nowhere = join(house.root, 'none/checkpoint.tar');
    await expect(saver.containers.checkpoint(id, { archive: nowhere })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining(`cannot write ${nowhere}`),
    });
    await expectUntouched();
  });

  it('is refused of a container that does not run, and by a runtime that has none', async () => {
    const { checkpoint: _none, ...rest } = createRuncRuntime({
      root: join(house.root, 'run/runtime'),
      exitDir: join(house.root, 'run/exits'),
    });
    const handler: RuntimeHandler = rest;
    const other = await house.engine({ runtimes: { runc: handler } });
    await expect(other.containers.checkpoint(id, { archive: archive() })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'CHECKPOINT_FAILED',
    });
    await engine.containers.stop(id, { timeoutMs: 0 });
    await expect(engine.containers.checkpoint(id, { archive: archive() })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'CONTAINER_NOT_RUNNING',
    });
  });
});

// SPDX-License-Identifier: Apache-2.0
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuncRuntime, type RuncRuntime } from '../src/index.ts';
import { gone, makeWorld, type TestContainer, type World } from './world.ts';

let world: World;
let runtime: RuncRuntime;
let container: TestContainer;
beforeEach(async () => {
  world = await makeWorld();
  const { root, exitDir, folder } = world;
  const runtimePath = join(folder, 'slow-runc');
  // It does nothing at the command that a file is named after, and writes down which process, of which parent, does nothing.
  const script = `for word; do [ -e ${folder}/at-$word ] && { echo $$ >${folder}/pid; echo $PPID >${folder}/conmon; exec sleep 1000; }; done; exec runc "$@"`;
  await writeFile(runtimePath, `#!/bin/sh\n${script}\n`);
  await chmod(runtimePath, 0o755);
  runtime = createRuncRuntime({ root, exitDir, runtimePath, timeoutMs: 1000 });
  container = await world.create('sleep 1000');
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const late = (verb: string) => ({
  code: Code.DeadlineExceeded,
  reason: 'RUNTIME_HANGS',
  message: `runtime ${verb} of container ${container.id} was not done after 1 s, and was killed; see what the runtime waits for`,
});

describe('a runtime that hangs', () => {
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['state', (id) => runtime.state(id)],
    ['start', (id) => runtime.start(id)],
    ['kill', (id) => runtime.kill(id, 'KILL')],
    ['delete', (id) => runtime.delete(id, { force: true })],
  ])('at %s is killed when its time is over, and asked again the next time', async (verb, call) => {
    await writeFile(join(world.folder, `at-${verb}`), '');
    await expect(call(container.id)).rejects.toMatchObject(late(verb));
    await rm(join(world.folder, `at-${verb}`));
    await call(container.id);
  });

  it('at create is killed with its monitor, and leaves nothing', async () => {
    const { id, bundle, logPath, monitorPid } = container;
    await runtime.delete(id, { force: true });
    await gone(monitorPid);
    await runtime.forget(id);
    const [pidFile, conmonPidFile] = [join(bundle, 'pidfile'), join(bundle, 'conmon.pid')];
    await writeFile(join(world.folder, 'at-create'), '');
    const request = { id, bundle, logPath, pidFile, conmonPidFile };
    await expect(runtime.create(request)).rejects.toMatchObject(late('create'));
    for (const file of ['pid', 'conmon'])
      await gone(Number(await readFile(join(world.folder, file), 'utf8')));
    expect(await runtime.state(id)).toBeUndefined();
    expect(await readdir(join(world.exitDir, '.notes'))).toEqual([]);
    await rm(join(world.folder, 'at-create'));
    await runtime.create(request);
    await runtime.start(id);
  });
});

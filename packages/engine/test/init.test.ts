// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/index.ts';
import { type House, openHouse, removeAllContainers } from './support.ts';

let house: House;
let engine: Engine;
beforeAll(async () => {
  house = await openHouse();
  engine = await house.engine();
});
afterAll(() => house?.close());
afterEach(async () => {
  await removeAllContainers(engine);
  expect(house.leftovers()).toEqual([]);
});

async function made(line: string): Promise<string> {
  const { id } = await engine.containers.create({
    image: 'busybox',
    command: ['sh', '-c', line],
    network: 'none',
  });
  return id;
}

describe('init', () => {
  it('makes a container ready, and another engine starts it', async () => {
    const id = await made('echo out');
    const ready = await engine.containers.init(id);
    expect(ready).toMatchObject({ status: 'initialized', run: { initialized: true } });
    expect(ready.pid).toBeGreaterThan(0);
    expect(ready.startedAt).toBeUndefined();
    const other = await house.engine();
    expect(await other.containers.inspect(id)).toMatchObject({ status: 'initialized', pid: ready.pid });
    let out = '';
    const started = await other.containers.start(id, {
      attach: {
        stdout: (chunk) => {
          out += Buffer.from(chunk).toString();
        },
      },
    });
    expect(started).toMatchObject({ run: { pid: ready.pid, begun: true }, restartCount: 0 });
    expect(started.run?.initialized).toBeUndefined();
    expect(await other.containers.wait(id)).toMatchObject({ exitCode: 0 });
    expect(out).toBe('out\n');
  });

  it('keeps what is known of the run before', async () => {
    const id = await made('exit 4');
    await engine.containers.start(id);
    await engine.containers.wait(id);
    const { startedAt } = await engine.containers.inspect(id);
    expect(await engine.containers.init(id)).toMatchObject({ startedAt, exit: { exitCode: 4 } });
    expect(await engine.containers.start(id)).toMatchObject({ restartCount: 1 });
    expect(await engine.containers.wait(id)).toMatchObject({ exitCode: 4 });
  });

  it('is not done twice, nor undone by a clean-up that comes late', async () => {
    const id = await made('true');
    await engine.containers.init(id);
    await expect(engine.containers.init(id)).rejects.toThrow('already been created');
    await expect(engine.containers.cleanup(id)).rejects.toMatchObject({ reason: 'CONTAINER_RUNNING' });
    expect(await engine.containers.inspect(id)).toMatchObject({ status: 'initialized' });
    await engine.containers.remove(id);
    expect(await engine.containers.exists(id)).toBe(false);
  });

  it('ends with a stop, for which others wait', async () => {
    const id = await made('true');
    await engine.containers.init(id);
    const waited = engine.containers.wait(id);
    await engine.containers.stop(id, { timeoutMs: 0 });
    expect(await waited).toMatchObject({ exitCode: 137 });
    expect(await engine.containers.inspect(id)).toMatchObject({ status: 'exited' });
  });

  it('leaves nothing of one whose command is not there', async () => {
    const { id } = await engine.containers.create({
      image: 'busybox',
      command: ['/nosuch'],
      network: 'none',
    });
    await expect(engine.containers.init(id)).rejects.toMatchObject({ reason: 'COMMAND_NOT_FOUND' });
    expect(await engine.containers.inspect(id)).toMatchObject({ status: 'created', pid: 0 });
  });
});

// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuncRuntime } from '../src/index.ts';
import { letGo } from '../src/let-go.ts';
import { makeWorld, until, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

function opened(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

/** The process that reads what lets a container go, once it has opened that. */
async function readerOf(fifo: string): Promise<number> {
  return until('the reader', async () => {
    const found = readdirSync('/proc').find(
      (pid) => textOf(`/proc/${pid}/cmdline`).startsWith('/bin/sh') && opened(pid).includes(fifo),
    );
    return found === undefined ? undefined : Number(found);
  });
}

describe('a start on a machine that is busy', () => {
  it.each([
    ['sleep 1000', 'runs'],
    ['exit 3', 'has ended'],
  ])('is done, whenever who lets the container go comes to it: "%s" %s', async (script, then) => {
    const { root, exitDir } = world;
    const runtime = createRuncRuntime({ root, exitDir, timeoutMs: 10_000 });
    const { id, pid } = await world.create(script);
    const fifo = join(root, id, 'exec.fifo');
    process.kill(pid, 'SIGSTOP');
    // So that the reader does not wait for the container to open it, and can be stopped when it has.
    const held = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const start = runtime.start(id);
    start.catch(() => {}); // looked at below
    const reader = await readerOf(fifo);
    process.kill(reader, 'SIGSTOP');
    try {
      process.kill(pid, 'SIGCONT');
      await until(`the command ${then}`, async () => {
        const stat = textOf(`/proc/${pid}/stat`);
        const hasEnded = stat === '' || stat.includes(') Z ');
        const isThere = then === 'has ended' ? hasEnded : textOf(`/proc/${pid}/cmdline`).includes('sleep');
        return isThere || undefined;
      });
      closeSync(held);
      await sleep(1500);
    } finally {
      if (existsSync(`/proc/${reader}`)) process.kill(reader, 'SIGCONT');
    }
    await start;
    expect(existsSync(fifo)).toBe(false);
    if (then === 'runs') await runtime.kill(id, 'KILL');
    expect(await runtime.waitExit(id)).toMatchObject({ exitCode: then === 'runs' ? 137 : 3 });
  });

  it('is given up when the container ends before it waits to be let go', async () => {
    execFileSync('/bin/busybox', ['mkfifo', join(world.folder, 'exec.fifo')]);
    const first = spawn('sleep', ['1000']);
    const kept = { folder: world.folder, first: { pid: first.pid ?? 0 }, cgroups: [] };
    const gone = letGo(kept, { id: 'x', timeoutMs: 20_000 });
    first.kill('SIGKILL');
    expect(await gone).toBe(false);
  });

  it('is given up when the container never waits to be let go, as other calls of the runtime are', async () => {
    execFileSync('/bin/busybox', ['mkfifo', join(world.folder, 'exec.fifo')]);
    const kept = { folder: world.folder, first: { pid: process.pid }, cgroups: [] };
    await expect(letGo(kept, { id: 'x', timeoutMs: 100 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
      reason: 'RUNTIME_HANGS',
    });
  });
});

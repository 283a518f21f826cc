// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { digestHex } from '@lading/image-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  busyboxLayer,
  chunksOf,
  type House,
  openHouse,
  programArguments,
  type TestLayer,
} from './support.ts';

interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** The next line that it prints; undefined at its end. */
  line(): Promise<string | undefined>;
}

let house: House;
let children: Child[];
let layer: TestLayer;
let id: string;
let tar: string;
let log: string;
beforeEach(async () => {
  house = await openHouse();
  children = [];
  layer = await busyboxLayer();
  id = digestHex(layer.diffId);
  tar = join(house.root, 'layer.tar');
  log = join(house.root, 'log');
  writeFileSync(tar, layer.bytes);
});
afterEach(async () => {
  for (const child of children) await end(child);
  await house.close();
});

function start(): Child {
  const process_ = spawn(
    process.execPath,
    [...programArguments('want-layer.ts'), house.graphRoot, house.runRoot, tar, layer.diffId, log],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface(process_.stdout)[Symbol.asyncIterator]();
  const child: Child = { process: process_, line: async () => (await lines.next()).value };
  children.push(child);
  return child;
}

async function end({ process: child }: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Until a process has opened the file of the claim, which it does to wait for it. */
async function untilItWants({ process: child }: Child): Promise<void> {
  const claim = join(house.runRoot, 'overlay-locks', id);
  const opened = (): readonly (string | undefined)[] => {
    const fds = `/proc/${child.pid}/fd`;
    return readdirSync(fds).map((fd) => {
      try {
        return readlinkSync(join(fds, fd));
      } catch {
        return undefined; // closed meanwhile
      }
    });
  };
  while (!opened().includes(claim)) {
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const reads = (): number => readFileSync(log, 'utf8').length / 'read\n'.length;
const leftOver = (): readonly string[] =>
  ['overlay/tempdirs', 'overlay-layers/tmp']
    .map((folder) => join(house.graphRoot, folder))
    .concat(join(house.runRoot, 'overlay-locks'))
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));

describe('a layer that two processes want', () => {
  it('is read from its source once', async () => {
    const first = start();
    expect(await first.line()).toBe('reading');
    const second = start();
    await untilItWants(second);
    first.process.stdin.write('go\n');
    expect(await Promise.all([first.line(), second.line()])).toEqual([id, id]);
    expect(await Promise.all([first.line(), second.line()])).toEqual([undefined, undefined]);
    expect(reads()).toBe(1);
    const store = await house.open();
    expect((await store.layers.list()).map((one) => one.id)).toEqual([id]);
    expect(leftOver()).toEqual([]);
  });

  it('is read by the second when the first is killed', async () => {
    const first = start();
    expect(await first.line()).toBe('reading');
    const second = start();
    await untilItWants(second);
    const third = start();
    await untilItWants(third);
    expect(reads()).toBe(1);
    await end(first);
    const waits = [second, third].map(async (child) => ({ child, line: await child.line() }));
    const heir = await Promise.race(waits);
    expect(heir.line).toBe('reading');
    heir.child.process.stdin.write('go\n');
    expect(await heir.child.line()).toBe(id);
    const lines = (await Promise.all(waits)).map(({ line }) => line);
    expect(lines.toSorted()).toEqual([id, 'reading'].toSorted());
    expect(await Promise.all([second.line(), third.line()])).toEqual([undefined, undefined]);
    expect(reads()).toBe(2);
    const store = await house.open();
    expect((await store.layers.list()).map((one) => one.id)).toEqual([id]);
    expect(await Array.fromAsync(store.check())).toEqual([]);
    expect(leftOver()).toEqual([]);
  });

  it('is not waited for any longer when the signal says so', async () => {
    const first = start();
    expect(await first.line()).toBe('reading');
    const store = await house.open();
    let isRead = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      isRead = true;
      yield* chunksOf(layer.bytes);
    };
    const stop = new AbortController();
    const { signal } = stop;
    const waits = [
      store.layers.add(source(), { expectedDiffId: layer.diffId, signal }),
      store.layers.claim(id, { signal }),
    ];
    stop.abort();
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ code: 'canceled' });
    await expect(store.layers.claim(id, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect([isRead, await store.layers.get(id)]).toEqual([false, undefined]);
    first.process.stdin.write('go\n');
    expect(await first.line()).toBe(id);
    await using _claim = await store.layers.claim(id);
    expect((await store.layers.get(id))?.diffDigest).toBe(layer.diffId);
    expect(reads()).toBe(1);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addImage,
  addLayers,
  busyboxLayer,
  chunksOf,
  fileLayer,
  type House,
  openHouse,
  programArguments,
} from './support.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;
let house: House;
let children: Child[];
beforeEach(async () => {
  house = await openHouse();
  children = [];
});
afterEach(async () => {
  for (const child of children) await killed(child);
  await house.close();
});

function start(program: string, ...args: string[]): Child {
  const child = spawn(
    process.execPath,
    [...programArguments(program), house.graphRoot, house.runRoot, ...args],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  return child;
}

/** Waits for a line of a program, or fails when it ends. */
async function line(child: Child): Promise<string> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the program ended')));
  const [data] = await Promise.race([once(child.stdout, 'data'), ended]);
  return String(data).trim();
}

async function killed(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const inOverlay = (): string[] =>
  readdirSync(join(house.graphRoot, 'overlay')).filter((name) => /^[0-9a-f]{64}$/.test(name));
const inTemp = (folder: string): string[] => {
  const path = join(house.graphRoot, folder);
  return existsSync(path) ? readdirSync(path) : [];
};

describe('a process that is killed', () => {
  it('while it unpacks a layer leaves nothing to be seen, and nothing at all after the next layer', async () => {
    const { bytes } = await busyboxLayer();
    await writeFile(join(house.root, 'layer.tar'), bytes);
    const child = start('half-layer.ts', join(house.root, 'layer.tar'));
    expect(await line(child)).toBe('half');
    const store = await house.open();
    expect(inTemp('overlay/tempdirs')).toHaveLength(2);
    // Another process at work is not disturbed.
    const [first] = await addLayers(store, [await fileLayer('a')]);
    expect(inTemp('overlay/tempdirs')).toHaveLength(2);
    await killed(child);
    expect((await store.layers.list()).map(({ id }) => id)).toEqual([first?.id]);
    expect(await house.podman('images', '-aq')).toBe('');
    await addLayers(store, [await fileLayer('b')]);
    expect([inTemp('overlay/tempdirs'), inTemp('overlay-layers/tmp')]).toEqual([[], []]);
    expect(inOverlay()).toHaveLength(2);
  });

  it('while it puts a layer in place holds nobody up, and the next writer cleans up', async () => {
    const id = 'ab'.repeat(32);
    const child = start('half-commit.ts', id);
    expect(await line(child)).toBe('half');
    const store = await house.open();
    await expect(store.layers.list({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: expect.stringMatching(/deadline_exceeded|canceled/),
    });
    expect(inOverlay()).toEqual([id]);
    await killed(child);
    expect([await store.layers.list(), await store.layers.get(id)]).toEqual([[], undefined]);
    const image = await addImage(store, 'localhost/a:1', [await fileLayer('a')]);
    expect(inOverlay()).toEqual([image.topLayer]);
    expect(await readFile(join(house.graphRoot, 'overlay-layers/layers.json'), 'utf8')).not.toContain(id);
    expect(
      readdirSync(join(house.graphRoot, 'overlay-layers')).filter((name) => name.startsWith(id)),
    ).toEqual([]);
    expect(readdirSync(join(house.graphRoot, 'overlay/l'))).toHaveLength(1);
    expect(inTemp('overlay/tempdirs')).toEqual([]);
  });

  it('while it puts a layer in place is cleaned up after by podman too', async () => {
    const id = 'ab'.repeat(32);
    const child = start('half-commit.ts', id);
    expect(await line(child)).toBe('half');
    await killed(child);
    await house.podman('images');
    expect(inOverlay()).toEqual([]);
  });
});

describe('two processes that add the same layer at once', () => {
  it('make one layer', async () => {
    const { bytes, diffId } = await busyboxLayer();
    await writeFile(join(house.root, 'layer.tar'), bytes);
    const pair = [1, 2].map(() => start('add-layer.ts', join(house.root, 'layer.tar')));
    expect(await Promise.all(pair.map(line))).toEqual(['staged', 'staged']);
    const ids = pair.map(line);
    for (const child of pair) child.stdin.write('go\n');
    const id = diffId.slice('sha256:'.length);
    expect(await Promise.all(ids)).toEqual([id, id]);
    await Promise.all(pair.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)));
    const store = await house.open();
    expect((await store.layers.list()).map((layer) => layer.id)).toEqual([id]);
    expect([inOverlay(), inTemp('overlay/tempdirs'), inTemp('overlay-layers/tmp')]).toEqual([[id], [], []]);
  });

  it('do so in one process as well', async () => {
    const { bytes, diffId } = await fileLayer('a');
    const stores = [await house.open(), await house.open()];
    const layers = await Promise.all(
      [...stores, ...stores].map((store) => store.layers.add(chunksOf(bytes), { expectedDiffId: diffId })),
    );
    expect(new Set(layers.map(({ id }) => id)).size).toBe(1);
    expect(inOverlay()).toHaveLength(1);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchedNetwork } from './watched-network.ts';

let root: string;
let asked: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lading-watch-'));
  asked = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const ready = async (): Promise<void> => {
  asked += 1;
};

/** Asks until the question reaches the network again. */
async function askedAgain(status: () => Promise<void>): Promise<void> {
  for (const before = asked; asked === before; await status()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it('asks once until the folder changes', async () => {
  using network = watchedNetwork({ status: ready }, root);
  await network.status();
  await network.status();
  expect(asked).toBe(1);
  writeFileSync(join(root, 'new.conflist'), '{}');
  await askedAgain(network.status);
  expect(asked).toBe(2);
});

it('asks again after half a minute', async () => {
  let now = 0;
  using network = watchedNetwork({ status: ready }, root, () => now);
  await network.status();
  now = 29_999;
  await network.status();
  expect(asked).toBe(1);
  now = 30_000;
  await network.status();
  expect(asked).toBe(2);
});

it('asks each time while the network is not ready, or the folder is not there', async () => {
  const status = async (): Promise<void> => {
    asked += 1;
    throw new Error('not ready');
  };
  using broken = watchedNetwork({ status }, root);
  await expect(broken.status()).rejects.toThrow('not ready');
  await expect(broken.status()).rejects.toThrow('not ready');
  expect(asked).toBe(2);
  const folder = join(root, 'later');
  using missing = watchedNetwork({ status: ready }, folder);
  await missing.status();
  await missing.status();
  expect(asked).toBe(4);
  mkdirSync(folder);
  await missing.status();
  await missing.status();
  expect(asked).toBe(5);
});

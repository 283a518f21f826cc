// SPDX-License-Identifier: Apache-2.0

import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DaemonKeeper, keepDaemon } from './soak/daemon-keeper.ts';
import { filesBelow } from './soak/file-listing.ts';
import { type Deeds, lifecycle } from './soak/lifecycle.ts';
import { openFiles, residentMegabytes } from './soak/processes.ts';
import { seeded } from './soak/random.ts';
import { until } from './until.ts';
import { createWorld, type World } from './world.ts';

/** `LADING_SOAK=2000` for a long one. */
const wanted = Number(process.env.LADING_SOAK ?? '48');
const isLong = wanted > 100;
const atOnce = 8;
/** In whose midst the daemon is killed, in turn. */
const moments =
  'RunPodSandbox CreateContainer StartContainer ExecSync StopContainer StopPodSandbox RemovePodSandbox'.split(
    ' ',
  );

let world: World;
let keeper: DaemonKeeper;
beforeAll(async () => {
  world = await createWorld();
  keeper = keepDaemon(world);
  await keeper.ask('PullImage', ({ images }) => images.pullImage({ image: { image: world.image } }));
});
afterAll(() => world?.[Symbol.asyncDispose]());

const deeds: Deeds = { kills: { process: 0, monitor: 0, both: 0 }, given: 0 };
const random = seeded(Number(process.env.LADING_SOAK_SEED ?? '1'));

/** Leads so many lives, some at a time. */
async function live(prefix: string, count: number): Promise<readonly string[]> {
  const failures: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const name = `${prefix}-${next++}`;
      try {
        await lifecycle(name, { world, keeper, random, deeds });
      } catch (error) {
        failures.push(`${name}: ${inspect(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failures;
}

/** Kills the daemon in the midst of one call after another, until it is told to stop. */
async function harass(stop: AbortSignal): Promise<number> {
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()));
  let kills = 0;
  while (!stop.aborted) {
    await Promise.race([keeper.underWay(moments[kills % moments.length] ?? ''), stopped]);
    if (stop.aborted) break;
    await sleep(random(80)); // where in the call it is killed does not matter
    await keeper.replace();
    kills += 1;
    await sleep(isLong ? random(2500) : random(500));
  }
  return kills;
}

/** The log of events keeps two files, and a lock for their change, however long it goes on. */
const ofTheLog = ['run/lading/events.log.1', 'run/lading/locks/events.lock'];

const listing = (): readonly string[] =>
  filesBelow(world.root, ['graph', 'run', 'leases', 'sockets']).filter((file) => !ofTheLog.includes(file));

describe('many pods', () => {
  it(
    'under a daemon, monitors and processes that are killed leave nothing, and the truth is told of each',
    async () => {
      expect(await live('first', atOnce)).toEqual([]);
      await until(() => world.leftovers().length === 0);
      const before = listing();
      const begun = Date.now();

      const stop = new AbortController();
      const harassing = harass(stop.signal);
      const failures = await live('life', wanted);
      stop.abort();
      const kills = await harassing;
      expect(failures).toEqual([]);
      if (isLong) {
        const seconds = Math.round((Date.now() - begun) / 1000);
        process.stderr.write(
          `${wanted} lives in ${seconds} s; daemon killed ${kills} times; ${JSON.stringify({ ...deeds, lost: Object.fromEntries(keeper.lost) })}\n${keeper.words()}`,
        );
      }
      expect(kills).toBeGreaterThan(3);

      // A daemon of its own looks at what the last one has left.
      await keeper.replace();
      const { runtime } = await keeper.current();
      expect((await runtime.listPodSandbox({})).items).toEqual([]);
      expect((await runtime.listContainers({})).containers).toEqual([]);
      expect(world.leftovers()).toEqual([]);
      expect(listing()).toEqual(before);
      expect(keeper.words()).toBe('');
    },
    isLong ? 7_200_000 : 600_000,
  );

  it(
    'let a daemon that lives keep its open files and its memory',
    async () => {
      const { pid } = await keeper.current();
      const [few, many] = isLong ? [40, 200] : [8, 16];
      expect(await live('calm', few)).toEqual([]);
      const [files, megabytes] = [openFiles(pid), residentMegabytes(pid)];
      expect(await live('more', many)).toEqual([]);
      await until(() => openFiles(pid) <= files);
      if (isLong)
        process.stderr.write(`${files} files; ${megabytes} MB, then ${residentMegabytes(pid)} MB\n`);
      expect(residentMegabytes(pid)).toBeLessThan(megabytes + 60);
    },
    300_000 * (isLong ? 2 : 1),
  );
});

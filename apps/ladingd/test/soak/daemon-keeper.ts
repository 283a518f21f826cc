// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import type { Served, World } from '../world.ts';

/** A call that was under way when its daemon was killed. */
export class LostCall extends Error {}

/** A daemon that is killed again and again, and clients that find the next one. */
export interface DaemonKeeper {
  /** Asks once. @throws LostCall when the daemon was killed meanwhile */
  once<T>(name: string, ask: (daemon: Served) => Promise<T>): Promise<T>;
  /** Asks again for as long as the daemon is killed meanwhile, as a kubelet does. */
  ask<T>(name: string, ask: (daemon: Served) => Promise<T>): Promise<T>;
  /** Resolves when a call of this name is under way. */
  underWay(name: string): Promise<void>;
  /** Kills the daemon and starts another. */
  replace(): Promise<void>;
  current(): Promise<Served>;
  /** How many calls were lost, by their names. */
  readonly lost: ReadonlyMap<string, number>;
  /** All that daemons have said on stderr. */
  words(): string;
}

export function keepDaemon(world: World, flags: readonly string[] = []): DaemonKeeper {
  let generation = 0;
  let daemon = world.serve(...flags);
  let former = '';
  const lost = new Map<string, number>();
  const counts = new Map<string, number>();
  const waiting = new Map<string, () => void>();

  async function once<T>(name: string, ask: (daemon: Served) => Promise<T>): Promise<T> {
    const served = await daemon;
    const begun = generation;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    waiting.get(name)?.();
    try {
      return await ask(served);
    } catch (error) {
      const { code, message } = LadingError.from(error);
      if (begun === generation || code !== 'unavailable') throw error;
      lost.set(name, (lost.get(name) ?? 0) + 1);
      throw new LostCall(`${name}: ${message}`);
    } finally {
      counts.set(name, (counts.get(name) ?? 0) - 1);
    }
  }

  return {
    once,
    lost,
    current: () => daemon,
    words: () => former,
    async ask(name, ask) {
      for (;;) {
        try {
          return await once(name, ask);
        } catch (error) {
          if (!(error instanceof LostCall)) throw error;
        }
      }
    },
    underWay(name) {
      if ((counts.get(name) ?? 0) > 0) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.set(name, () => {
          waiting.delete(name);
          resolve();
        });
      });
    },
    async replace() {
      const dying = await daemon;
      const next = Promise.withResolvers<Served>();
      daemon = next.promise;
      generation += 1;
      await dying.end('SIGKILL');
      former += dying.stderr();
      dying.runtime.close();
      dying.images.close();
      next.resolve(world.serve(...flags));
      await next.promise;
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
import { type FSWatcher, watch } from 'node:fs';
import type { Network } from '@lading/engine';

/** A plugin may cease to be ready without a change in the folder. */
const goodForMs = 30_000;

export interface WatchedNetwork extends Pick<Network, 'status'>, Disposable {}

/**
 * Remembers that the network is ready until its folder of configurations changes, so that a kubelet that asks every few
 * seconds does not have plugins run each time. That it is not ready is not remembered.
 */
export function watchedNetwork(
  network: Pick<Network, 'status'>,
  folder: string,
  now: () => number = Date.now,
): WatchedNetwork {
  let watcher: FSWatcher | undefined;
  let readyUntil = 0;
  let changes = 0;
  const forget = (): void => {
    readyUntil = 0;
    changes += 1;
  };
  const unwatch = (): void => {
    forget();
    watcher?.close();
    watcher = undefined;
  };
  const open = (): void => {
    try {
      watcher = watch(folder, { persistent: false }, (event, name) => {
        forget();
        // The folder itself was removed or renamed: what comes in its place is another.
        if (event === 'rename' && (name === null || folder.endsWith(`/${name}`))) unwatch();
      });
      watcher.on('error', unwatch);
    } catch {
      watcher = undefined; // there is none yet: nothing is remembered
    }
  };
  return {
    async status() {
      if (now() < readyUntil) return;
      // Before the question: a change during it counts.
      if (watcher === undefined) open();
      const seen = changes;
      await network.status();
      if (watcher !== undefined && seen === changes) readyUntil = now() + goodForMs;
    },
    [Symbol.dispose]: unwatch,
  };
}

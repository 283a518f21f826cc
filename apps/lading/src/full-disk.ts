// SPDX-License-Identifier: Apache-2.0
import type { Engine, Reserve } from '@lading/engine';

/** The engine, which still removes and stops when the disk is full: a little room is kept for that. */
export function onFullDisk(engine: Engine, { spend }: Reserve): Engine {
  const { containers, pods, images, volumes, secrets, store } = engine;
  const spending =
    <A extends readonly unknown[], R>(call: (...words: A) => Promise<R>) =>
    (...words: A): Promise<R> =>
      spend(() => call(...words));
  return {
    ...engine,
    containers: {
      ...containers,
      stop: spending(containers.stop),
      cleanup: spending(containers.cleanup),
      remove: spending(containers.remove),
    },
    pods: { ...pods, stop: spending(pods.stop), remove: spending(pods.remove) },
    images: { ...images, remove: spending(images.remove), untag: spending(images.untag) },
    volumes: { ...volumes, remove: spending(volumes.remove) },
    secrets: { ...secrets, remove: spending(secrets.remove) },
    store: {
      ...store,
      prune: spending(store.prune),
      collectGarbage: spending(store.collectGarbage),
      repair: spending(store.repair),
    },
  };
}

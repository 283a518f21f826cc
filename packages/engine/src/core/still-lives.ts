// SPDX-License-Identifier: Apache-2.0

import { LadingError } from '@lading/errors';
import { processStartTicks } from '@lading/linux';

/** A process of a record: that of a container's run, or the one that holds a pod's namespaces. */
interface Recorded {
  readonly pid: number;
  readonly pidStartTicks?: string;
}

const nextLooks = new WeakMap<Recorded, number>();

/**
 * For lists, in which a look at each process would cost as much as all else: most times only that there is one of its
 * number, which a zombie has too, or a later process. Such a one is seen some seconds later, and not all are looked at in
 * the same list.
 */
export function stillLives(recorded: Recorded): boolean {
  const { pid, pidStartTicks } = recorded;
  const now = Date.now();
  if (now < (nextLooks.get(recorded) ?? 0)) return exists(pid);
  const ticks = processStartTicks(pid);
  const lives = ticks !== undefined && ticks === (pidStartTicks ?? ticks);
  if (lives) nextLooks.set(recorded, now + 3000 + Math.random() * 4000);
  else nextLooks.delete(recorded);
  return lives;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return LadingError.from(error).reason !== 'ESRCH'; // EPERM: it is another user's
  }
}

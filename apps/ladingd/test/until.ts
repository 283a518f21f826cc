// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is true, fifteen seconds long. */
export async function until(ask: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`not within fifteen seconds: ${ask.toString()}`);
    await sleep(20);
  }
}

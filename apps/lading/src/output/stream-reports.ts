// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '@lading/command-line';

const clearScreen = '\x1b[2J\x1b[H';

/** Prints reports until it is stopped, or one; on a terminal each takes the place of the one before. */
export async function streamReports(
  { signal, stdout, stdoutIsTerminal }: Environment,
  options: { readonly once: boolean; readonly keepScreen: boolean; readonly everyMs: number },
  report: () => Promise<string>,
): Promise<number> {
  const { once, keepScreen, everyMs } = options;
  const clears = stdoutIsTerminal && !once && !keepScreen;
  for (;;) {
    await stdout(`${clears ? clearScreen : ''}${await report()}`);
    if (once) return 0;
    // To be stopped is how this ends.
    if (await sleep(everyMs, false, { signal }).catch(() => true)) return 0;
  }
}

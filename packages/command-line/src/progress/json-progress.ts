// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '../environment.ts';
import type { Progress } from './progress.ts';

/** How often one piece of work is told of while it runs. */
const everyMs = 250;

/** An object a line, for programs: `{"id":…,"label":…,"state":…,"currentBytes":…,"totalBytes":…}`, `{"message":…}`. */
export function createJsonProgress(environment: Environment, now: () => number): Progress {
  const lastMs = new Map<string, number>();
  const write = (value: object): void => {
    void environment.stderr(`${JSON.stringify(value)}\n`);
  };
  return {
    report(item) {
      const last = lastMs.get(item.id);
      if (item.state === 'running' && last !== undefined && now() - last < everyMs) return;
      lastMs.set(item.id, now());
      const { id, label, state, currentBytes, totalBytes } = item;
      write({ id, label, state, currentBytes, totalBytes });
    },
    say: (message) => write({ message }),
    end() {},
  };
}

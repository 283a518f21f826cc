// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '../environment.ts';
import { formatBytes } from '../format-bytes.ts';
import { singleLine } from '../single-line.ts';
import type { Progress, ProgressItem } from './progress.ts';
import { rateText } from './rate.ts';

/** How often work that takes long is told of. */
const everyMs = 5000;

/** A line when a piece of work begins, and one every few seconds for all of it. */
export function createPlainProgress(environment: Environment, now: () => number): Progress {
  const items = new Map<string, ProgressItem>();
  const said = new Set<string>();
  const startMs = now();
  let lastMs = startMs;

  const say = (line: string): void => {
    void environment.stderr(`${singleLine(line)}\n`);
  };
  const once = (line: string): void => {
    if (said.has(line)) return;
    said.add(line);
    say(line);
  };
  const summary = (): void => {
    const all = [...items.values()];
    const current = all.reduce((sum, item) => sum + item.currentBytes, 0);
    const total = all.reduce((sum, item) => sum + item.totalBytes, 0);
    const percent = total === 0 ? 100 : Math.floor((current / total) * 100);
    const done = all.filter(({ state }) => state !== 'running').length;
    const rate = rateText(current, total, now() - startMs);
    say(
      `${formatBytes(current)} of ${formatBytes(total)} (${percent}%), ${done} of ${all.length} done${rate === '' ? '' : `, ${rate}`}`,
    );
  };

  return {
    report(item) {
      items.set(item.id, item);
      if (item.state === 'skipped') once(`${item.label} skipped: already exists`);
      else once(item.label);
      if (now() - lastMs < everyMs) return;
      lastMs = now();
      summary();
    },
    say,
    end() {},
  };
}

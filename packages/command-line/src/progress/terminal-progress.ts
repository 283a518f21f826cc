// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '../environment.ts';
import { formatBytes } from '../format-bytes.ts';
import { singleLine } from '../single-line.ts';
import type { Progress, ProgressItem } from './progress.ts';
import { rateText } from './rate.ts';

/** Ten pictures a second: more would cost time and show nothing. */
const everyMs = 100;

interface Running {
  readonly item: ProgressItem;
  readonly sinceMs: number;
}

/** A bar for each piece of work that runs and one for all of them, below the lines of those that have ended. */
export function createTerminalProgress(environment: Environment, now: () => number): Progress {
  const running = new Map<string, Running>();
  const ended = new Set<string>();
  const known = new Map<string, ProgressItem>();
  const startMs = now();
  let drawn = 0;
  let lastMs = Number.NEGATIVE_INFINITY;

  const write = (text: string): void => {
    void environment.stderr(text);
  };
  const clear = (): string => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`);

  function draw(lines: readonly string[]): void {
    const { columns = 80, rows = 24 } = environment.terminal?.size() ?? {};
    const bars = [...running.values()]
      .slice(0, Math.max(1, rows - 3))
      .map(({ item, sinceMs }) => barLine(item, now() - sinceMs, columns));
    if (bars.length > 0 && known.size > 1) bars.push(barLine(total(), now() - startMs, columns));
    const above = lines.map((line) => `${singleLine(line)}\n`).join('');
    write(`${clear()}${above}${bars.map((bar) => `${bar}\n`).join('')}`);
    drawn = bars.length;
    lastMs = now();
  }

  function total(): ProgressItem {
    const items = [...known.values()];
    const sum = (of: (item: ProgressItem) => number) => items.reduce((all, item) => all + of(item), 0);
    const done = items.length - running.size;
    return {
      id: '',
      label: `${done} of ${items.length} done`,
      state: 'running',
      currentBytes: sum((item) => item.currentBytes),
      totalBytes: sum((item) => item.totalBytes),
    };
  }

  return {
    report(item) {
      if (ended.has(item.id)) return;
      // What was there already took no time, and would make the rest look fast.
      if (item.state === 'skipped') known.delete(item.id);
      else known.set(item.id, item);
      if (item.state === 'running') {
        running.set(item.id, { item, sinceMs: running.get(item.id)?.sinceMs ?? now() });
        if (now() - lastMs >= everyMs) draw([]);
        return;
      }
      running.delete(item.id);
      ended.add(item.id);
      draw([item.state === 'done' ? `${item.label} done` : `${item.label} skipped: already exists`]);
    },
    say: (line) => draw([line]),
    end() {
      running.clear();
      if (drawn > 0) write(clear());
      drawn = 0;
    },
  };
}

/** `Copying blob sha256:4f2a… [====>    ] 12.3 MB / 45.6 MB 4.1 MB/s, 8s left`, no longer than the terminal is wide. */
function barLine(item: ProgressItem, elapsedMs: number, columns: number): string {
  const { label, currentBytes, totalBytes } = item;
  const rate = rateText(currentBytes, totalBytes, elapsedMs);
  const sizes = `${formatBytes(currentBytes)} / ${formatBytes(totalBytes)}${rate === '' ? '' : ` ${rate}`}`;
  const head = shortened(singleLine(label), Math.floor(columns / 3));
  const width = columns - 1 - head.length - sizes.length - 4;
  if (width < 5) return shortened(`${head} ${sizes}`, columns - 1);
  const part = totalBytes === 0 ? 1 : Math.min(1, currentBytes / totalBytes);
  const filled = Math.round(part * width);
  const arrow = filled > 0 && filled < width ? `${'='.repeat(filled - 1)}>` : '='.repeat(filled);
  return `${head} [${arrow.padEnd(width)}] ${sizes}`;
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}

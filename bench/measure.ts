// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** A command to time, and what must be done before each run of it, which is not timed. */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  prepare?(): Promise<void>;
}

/** Two ways to do the same work on the same machine in the same minutes. */
interface Race extends AsyncDisposable {
  readonly lading: Contender;
  readonly peer: Contender;
  readonly rounds: number;
}

export interface Benchmark {
  readonly about: string;
  start(): Promise<Race>;
}

interface Timing {
  readonly ms: number;
  readonly rssMb: number;
}

export interface Result {
  readonly about: string;
  readonly rows: readonly { readonly name: string; readonly timings: readonly Timing[] }[];
  /** The last line that the bench prints, as JSON. Times are medians. */
  readonly summary: {
    readonly name: string;
    readonly lading_ms: number;
    readonly peer: string;
    readonly peer_ms: number;
    readonly ratio: number;
    readonly peak_rss_mb: number;
  };
}

/** Runs both sides in turns, so that a noisy minute hits both, after one round that warms the caches. */
export async function measure(name: string, benchmark: Benchmark): Promise<Result> {
  await using race = await benchmark.start();
  const lading: Timing[] = [];
  const peer: Timing[] = [];
  for (let round = 0; round <= race.rounds; round++) {
    const first = await time(race.lading);
    const second = await time(race.peer);
    if (round === 0) continue;
    lading.push(first);
    peer.push(second);
  }
  const ours = median(lading.map((one) => one.ms));
  const theirs = median(peer.map((one) => one.ms));
  return {
    about: benchmark.about,
    rows: [
      { name: race.lading.name, timings: lading },
      { name: race.peer.name, timings: peer },
    ],
    summary: {
      name,
      lading_ms: round1(ours),
      peer: race.peer.name,
      peer_ms: round1(theirs),
      ratio: Math.round((ours / theirs) * 1000) / 1000,
      peak_rss_mb: round1(Math.max(...lading.map((one) => one.rssMb))),
    },
  };
}

/** For people: medians, fastest and slowest, and the most memory that one process of each side held. */
export function table(result: Result): string {
  const rows = result.rows.map(({ name, timings }) => {
    const ms = timings.map((one) => one.ms);
    const cells = [median(ms), Math.min(...ms), Math.max(...ms)].map((value) => `${value.toFixed(1)} ms`);
    return [name, ...cells, `${Math.max(...timings.map((one) => one.rssMb)).toFixed(1)} MB`];
  });
  const all = [['', 'median', 'fastest', 'slowest', 'peak RSS'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  return [result.about, ...lines, `ratio ${result.summary.ratio} (below 1: Lading is faster)`].join('\n');
}

async function time(contender: Contender): Promise<Timing> {
  await contender.prepare?.();
  const [command = '', ...args] = contender.command;
  const from = process.hrtime.bigint();
  const child = spawn(command, args, { env: contender.env, stdio: ['ignore', 'ignore', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const rss = watchPeakRss(child.pid);
  const [code] = (await once(child, 'close')) as [number | null];
  const ms = Number(process.hrtime.bigint() - from) / 1e6;
  if (code !== 0)
    throw new Error(`${contender.command.join(' ')} ended with ${code}: ${Buffer.concat(errors)}`);
  return { ms, rssMb: rss() };
}

/** Asks the kernel for the high-water mark of a process until it is gone; the answer is the last one seen. */
function watchPeakRss(pid: number | undefined): () => number {
  let peakKib = 0;
  const look = (): void => {
    try {
      const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      peakKib = Math.max(peakKib, Number(found ?? 0));
    } catch {
      // It has ended; what was seen last stands.
    }
  };
  const timer = setInterval(look, 5);
  look();
  return () => {
    clearInterval(timer);
    return peakKib / 1024;
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

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
  /** The time of one round where that is not how long the command runs. */
  read?(output: string): Timing;
}

/** Ways to do the same work on the same machine in the same minutes. */
export interface Race {
  /** A word for the JSON line. */
  readonly name: string;
  readonly about: string;
  readonly lading: Contender;
  readonly peers: readonly [Contender, ...Contender[]];
  readonly rounds: number;
}

/** The races of a benchmark; the first is what its JSON line leads with. */
export interface Races extends AsyncDisposable {
  readonly races: readonly [Race, ...Race[]];
}

export interface Benchmark {
  start(): Promise<Races>;
}

interface Timing {
  readonly ms: number;
  readonly rssMb: number;
}

/** Medians of a race; the JSON line of the bench. */
interface Summary {
  readonly name: string;
  readonly lading_ms: number;
  readonly peer: string;
  readonly peer_ms: number;
  readonly ratio: number;
  readonly peak_rss_mb: number;
}

export interface Result {
  readonly about: string;
  readonly rows: readonly { readonly name: string; readonly timings: readonly Timing[] }[];
  /** One a peer, the fastest first. */
  readonly summaries: readonly Summary[];
}

/** Runs all sides in turns, so that a noisy minute hits each, after one round that warms the caches. */
export async function measure(race: Race): Promise<Result> {
  const sides = [race.lading, ...race.peers].map((contender) => ({ contender, timings: [] as Timing[] }));
  for (let round = 0; round <= race.rounds; round++) {
    for (const { contender, timings } of sides) {
      const timing = await time(contender);
      if (round > 0) timings.push(timing);
    }
  }
  const [ours = [], ...theirs] = sides.map(({ timings }) => timings);
  const summary = (peer: Contender, timings: readonly Timing[] = []): Summary => ({
    name: race.name,
    lading_ms: round1(medianMs(ours)),
    peer: peer.name,
    peer_ms: round1(medianMs(timings)),
    ratio: Math.round((medianMs(ours) / medianMs(timings)) * 1000) / 1000,
    peak_rss_mb: round1(Math.max(...ours.map((one) => one.rssMb))),
  });
  return {
    about: race.about,
    rows: sides.map(({ contender, timings }) => ({ name: contender.name, timings })),
    summaries: race.peers
      .map((peer, i) => summary(peer, theirs[i]))
      .toSorted((one, other) => one.peer_ms - other.peer_ms),
  };
}

/** For people: medians, fastest and slowest, and the most memory that one process of each side held. */
export function table(result: Result): string {
  const rows = result.rows.map(({ name, timings }) => {
    const ms = timings.map((one) => one.ms);
    const cells = [medianMs(timings), Math.min(...ms), Math.max(...ms)].map(
      (value) => `${value.toFixed(1)} ms`,
    );
    return [name, ...cells, `${Math.max(...timings.map((one) => one.rssMb)).toFixed(1)} MB`];
  });
  const all = [['', 'median', 'fastest', 'slowest', 'peak RSS'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  const ratios = result.summaries.map(({ ratio, peer }) => `ratio to ${peer} ${ratio}`);
  return [result.about, ...lines, `${ratios.join(', ')} (below 1: Lading is faster)`].join('\n');
}

async function time(contender: Contender): Promise<Timing> {
  await contender.prepare?.();
  const [command = '', ...args] = contender.command;
  const from = process.hrtime.bigint();
  const child = spawn(command, args, { env: contender.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const rss = watchPeakRss(child.pid);
  const [code] = (await once(child, 'close')) as [number | null];
  const ms = Number(process.hrtime.bigint() - from) / 1e6;
  const rssMb = rss();
  if (code !== 0)
    throw new Error(`${contender.command.join(' ')} ended with ${code}: ${Buffer.concat(errors)}`);
  return contender.read?.(Buffer.concat(output).toString()) ?? { ms, rssMb };
}

/** The high-water mark of a process's memory, asked for until it is gone; the answer is the last one seen. */
function watchPeakRss(pid: number | undefined): () => number {
  let peakMb = 0;
  const look = (): void => {
    try {
      peakMb = Math.max(peakMb, peakRssMb(pid));
    } catch {
      // It has ended; what was seen last stands.
    }
  };
  const timer = setInterval(look, 5);
  look();
  return () => {
    clearInterval(timer);
    return peakMb;
  };
}

/** The most memory that a process held so far, as the kernel counts it. */
export function peakRssMb(pid: number | undefined): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(found ?? 0) / 1024;
}

function medianMs(timings: readonly Timing[]): number {
  const sorted = timings.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { LadingError } from '@lading/errors';
import { makePipe, readPipe, writePipe } from './pipe.ts';
import { type ProgramEnd, type SpawnOptions, spawnProgram } from './spawn-program.ts';

/** How {@link runProgram} runs a program. */
export interface RunProgramOptions extends Omit<SpawnOptions, 'fds'> {
  /** What it reads from its stdin. Default: nothing. */
  readonly input?: Uint8Array | undefined;
  /** A program that says more than this, on either of its outputs, is killed. */
  readonly limitBytes: number;
  /** Kills it, with what it has started. */
  readonly signal?: AbortSignal | undefined;
}

/** What a program said, and how it has ended. */
export interface ProgramResult extends ProgramEnd {
  readonly stdout: string;
  /** The first 64 KiB. */
  readonly stderr: string;
  /** It was killed for what it said. */
  readonly isOverflown: boolean;
}

const errorBytes = 64 << 10;

/**
 * Runs a program to its end, and to the end of its outputs, and keeps what it says. It is in a session of its own:
 * Ctrl-C at a terminal does not reach it.
 *
 * @param program absolute path
 * @throws LadingError with the errno's name as reason, such as `ENOENT`, when it cannot be started
 * @example
 * ```ts
 * import { runProgram } from '@lading/linux';
 *
 * const { exitCode, stdout } = await runProgram('/bin/sh', {
 *   args: ['-c', 'tr a-z A-Z; exit 3'],
 *   env: process.env,
 *   input: Buffer.from('hello'),
 *   limitBytes: 1024,
 * });
 * console.log(exitCode, stdout); // → 3 HELLO
 * ```
 */
export async function runProgram(program: string, options: RunProgramOptions): Promise<ProgramResult> {
  const { input, limitBytes, signal } = options;
  signal?.throwIfAborted();
  const [stdin, stdout, stderr] = [input && makePipe(), makePipe(), makePipe()];
  const theirs = [stdin?.readEnd ?? null, stdout.writeEnd, stderr.writeEnd];
  const ours = [stdin?.writeEnd, stdout.readEnd, stderr.readEnd];
  let started: ReturnType<typeof spawnProgram>;
  try {
    started = spawnProgram(program, { ...options, fds: theirs });
  } catch (error) {
    for (const fd of ours) if (fd !== undefined) closeSync(fd);
    throw error;
  } finally {
    for (const fd of theirs) if (fd !== null) closeSync(fd);
  }
  const kill = (): void => killGroup(started.pid);
  signal?.addEventListener('abort', kill);
  try {
    const [end, said, complained] = await Promise.all([
      started.ended,
      collect(stdout.readEnd, limitBytes, limitBytes, kill),
      collect(stderr.readEnd, errorBytes, limitBytes, kill),
      stdin && writePipe(stdin.writeEnd, input ?? new Uint8Array()),
    ]);
    return {
      ...end,
      stdout: said.text,
      stderr: complained.text,
      isOverflown: said.isOverflown || complained.isOverflown,
    };
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has just ended.
    const failure = LadingError.from(error);
    if (failure.reason !== 'ESRCH') throw failure;
  }
}

/** Reads on when it has enough: who writes must not wait. */
async function collect(
  fd: number,
  keptBytes: number,
  limitBytes: number,
  overflow: () => void,
): Promise<{ text: string; isOverflown: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isOverflown = false;
  for await (const chunk of readPipe(fd)) {
    if (size < keptBytes) chunks.push(chunk.subarray(0, keptBytes - size));
    size += chunk.length;
    if (size > limitBytes && !isOverflown) {
      isOverflown = true;
      overflow();
    }
  }
  return { text: Buffer.concat(chunks).toString('utf8'), isOverflown };
}

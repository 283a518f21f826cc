// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { Code, LadingError } from '@lading/errors';
import { childEnvironment } from './child-environment.ts';

const stdoutLimitBytes = 16 * 1024 * 1024;
const stderrLimitBytes = 64 * 1024;

export interface Captured {
  /** 128 + signal number is not made up here: null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It was killed when its time was over. */
  readonly isLate: boolean;
}

export interface CaptureOptions {
  readonly input?: Uint8Array | undefined;
  /** A program that runs longer is killed, with what it has started. */
  readonly timeoutMs: number;
}

/** Runs a program to its end and keeps what it says; fails when it says more than 16 MiB. */
export function capture(
  program: string,
  args: readonly string[],
  { input, timeoutMs }: CaptureOptions,
): Promise<Captured> {
  const { promise, resolve, reject } = Promise.withResolvers<Captured>();
  const child = spawn(program, args, {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: childEnvironment(),
    // Ctrl-C at a terminal must not end a runtime half-way through its work.
    detached: true,
  });
  const stdout = collect(stdoutLimitBytes);
  const stderr = collect(stderrLimitBytes);
  child.stdout?.on('data', stdout.add);
  child.stderr?.on('data', stderr.add);
  // It may end without reading its input; its exit code tells then.
  child.stdin?.on('error', () => {}).end(input);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child);
  }, timeoutMs);
  child.on('error', (error) => {
    clearTimeout(timer);
    reject(LadingError.from(error, Code.Internal));
  });
  child.on('close', (exitCode) => {
    clearTimeout(timer);
    if (stdout.isOverflown()) {
      reject(
        new LadingError(Code.ResourceExhausted, `${program} ${args.at(-1) ?? ''} printed more than 16 MiB`),
      );
      return;
    }
    resolve({ exitCode, stdout: stdout.text(), stderr: stderr.text(), isLate });
  });
  return promise;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has just ended.
    if (LadingError.from(error).reason !== 'ESRCH') throw error;
  }
}

function collect(limitBytes: number): {
  add: (chunk: Uint8Array) => void;
  text: () => string;
  isOverflown: () => boolean;
} {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let overflown = false;
  return {
    add(chunk) {
      const part = chunk.subarray(0, limitBytes - size);
      overflown ||= part.length < chunk.length;
      size += part.length;
      if (part.length > 0) chunks.push(part);
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
    isOverflown: () => overflown,
  };
}

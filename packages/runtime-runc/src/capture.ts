// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { Code, LadingError } from '@lading/errors';
import { childEnvironment } from './child-environment.ts';

const stdoutLimitBytes = 16 * 1024 * 1024;
const stderrLimitBytes = 64 * 1024;

export interface Captured {
  /** 128 + signal number is not made up here: null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and keeps what it says; fails when it says more than 16 MiB. */
export function capture(program: string, args: readonly string[], input?: Uint8Array): Promise<Captured> {
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
  child.on('error', (error) => reject(LadingError.from(error, Code.Internal)));
  child.on('close', (exitCode) => {
    if (stdout.isOverflown()) {
      reject(
        new LadingError(Code.ResourceExhausted, `${program} ${args.at(-1) ?? ''} printed more than 16 MiB`),
      );
      return;
    }
    resolve({ exitCode, stdout: stdout.text(), stderr: stderr.text() });
  });
  return promise;
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

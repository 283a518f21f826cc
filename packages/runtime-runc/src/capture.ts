// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { runProgram } from '@lading/linux';
import { childEnvironment } from './child-environment.ts';

const limitBytes = 16 * 1024 * 1024;

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
export async function capture(
  program: string,
  args: readonly string[],
  { input, timeoutMs }: CaptureOptions,
): Promise<Captured> {
  const late = AbortSignal.timeout(timeoutMs);
  const env = childEnvironment();
  const { isOverflown, ...ended } = await runProgram(program, { args, env, input, limitBytes, signal: late });
  if (isOverflown) {
    throw new LadingError(Code.ResourceExhausted, `${program} ${args.at(-1) ?? ''} printed more than 16 MiB`);
  }
  return { ...ended, isLate: ended.signal !== null && late.aborted };
}

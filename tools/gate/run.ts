// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended, and all it printed, stdout and stderr in the order they came. */
export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly stdout: string;
}

/** Runs a program to its end; its exit code is a result, not an error. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; timeoutMs?: number },
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 0,
  });
  const output: Buffer[] = [];
  const stdout: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    output.push(chunk);
    stdout.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal !== null) output.push(Buffer.from(`\nended by ${signal}\n`));
  return {
    code: code ?? 1,
    output: Buffer.concat(output).toString(),
    stdout: Buffer.concat(stdout).toString(),
  };
}

/** The faults of a program that prints them and exits with a code other than 0. */
export async function faultsOf(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<readonly string[]> {
  const { code, output } = await run(command, args, { cwd, env: { NO_COLOR: '1', FORCE_COLOR: undefined } });
  return code === 0 ? [] : [`${command} ${args.join(' ')} ended with ${code}\n${output.trim()}`];
}

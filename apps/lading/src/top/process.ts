// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { Code, hasCode, LadingError } from '@lading/errors';

/** What /proc says of a process. */
export interface Process {
  /** Field N of `proc_pid_stat(5)`, counted from 1. */
  stat(field: number): number;
  /** Words of a line of `/proc/PID/status`. */
  status(key: string): readonly string[];
  readonly commandLine: readonly string[];
  /** Of the security module; undefined where there is none. */
  readonly label: string | undefined;
  readonly runningSeconds: number;
  /** Inside the container; 0 when it is outside of it. */
  readonly parent: string;
}

/** Undefined when the process has ended since it was listed. */
export async function readProcess(pid: number): Promise<Process | undefined> {
  try {
    const read = (name: string): Promise<string> => readFile(`/proc/${name}`, 'utf8');
    const [stat, statusText, commandLine, uptime, label] = await Promise.all([
      read(`${pid}/stat`),
      read(`${pid}/status`),
      read(`${pid}/cmdline`),
      read('uptime'),
      // Reading it fails where no security module is loaded.
      read(`${pid}/attr/current`).catch(() => undefined),
    ]);
    // The name of the program comes second, and may have anything in it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (number: number): number => Number(fields[number - 3]);
    return {
      stat: field,
      status: (key) => statusLine(statusText, key),
      commandLine: commandLine.split('\0').filter((word) => word !== ''),
      label: label?.replace(/[\0\n]+$/, ''),
      runningSeconds: Number(uptime.split(' ')[0]) - field(22) / ticksPerSecond,
      parent: await innerNumber(field(4)),
    };
  } catch (reason) {
    const error = LadingError.from(reason);
    // ESRCH: it ended while a file of its was open.
    if (hasCode(error, Code.NotFound) || isGone(reason)) return undefined;
    throw error;
  }
}

/** Clock ticks a second in /proc, the same on every Linux that Node runs on. */
export const ticksPerSecond = 100;

async function innerNumber(pid: number): Promise<string> {
  try {
    const numbers = statusLine(await readFile(`/proc/${pid}/status`, 'utf8'), 'NSpid');
    return numbers.length > 1 ? (numbers.at(-1) ?? '0') : '0';
  } catch (reason) {
    if (hasCode(LadingError.from(reason), Code.NotFound) || isGone(reason)) return '0';
    throw reason;
  }
}

function statusLine(text: string, key: string): readonly string[] {
  const line = text.split('\n').find((one) => one.startsWith(`${key}:`)) ?? '';
  return line
    .slice(key.length + 1)
    .trim()
    .split(/\s+/)
    .filter(Boolean);
}

function isGone(reason: unknown): boolean {
  return reason instanceof Error && 'code' in reason && reason.code === 'ESRCH';
}

// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { processStartTicks } from '@lading/linux';
import type { Context } from '../core/context.ts';
import { livesScript } from '../core/lives-script.ts';
import type { ContainerRecord, ContainerRun } from '../types/containers.ts';
import { healthCommand } from './health-check-of.ts';
import { readHealth, writeHealth } from './health-file.ts';

/**
 * Calls a command from time to time, as long as a process lives: $0 its pid, $1 its start, $2 the seconds between.
 * A shell takes a megabyte, where ours would take forty. On TERM it ends with its `sleep`, but after the command, which
 * may be what sends it: a check that restarts the container ends the timer of before.
 */
const script = `${livesScript}
nap=
trap '[ -z "$nap" ] || kill "$nap"; exit' TERM
ticks=$1 seconds=$2
shift 2
while lives "$0" "$ticks"; do
  sleep "$seconds" &
  nap=$!
  wait "$nap"
  nap=
  lives "$0" "$ticks" && "$@"
done
`;

const shortestMs = 1000;
const longestMs = 30 * 24 * 3600 * 1000;

/** Begins the checks of a container that was just started, whose process does not run yet. */
export async function beginHealth(
  context: Context,
  record: ContainerRecord,
  { pid, pidStartTicks }: ContainerRun,
): Promise<Pick<ContainerRun, 'healthTimer'>> {
  if (healthCommand(record.healthCheck) === undefined) return {};
  const log = (await readHealth(context, record))?.log ?? [];
  await writeHealth(record, { status: 'starting', failingStreak: 0, log });
  const { intervalMs = 30_000 } = record.healthCheck ?? {};
  const command = context.healthCommand.map((word) => word.replaceAll('{id}', record.id));
  if (intervalMs === 0 || command.length === 0 || pidStartTicks === undefined) return {};
  const seconds = Math.min(Math.max(intervalMs, shortestMs), longestMs) / 1000;
  const words = [String(pid), pidStartTicks, String(seconds), ...command];
  const timer = spawn('/bin/sh', ['-c', script, ...words], { detached: true, stdio: 'ignore', cwd: '/' });
  await new Promise((resolve, reject) => timer.once('spawn', resolve).once('error', reject));
  timer.unref();
  const startTicks = timer.pid === undefined ? undefined : processStartTicks(timer.pid);
  if (timer.pid === undefined || startTicks === undefined) return {};
  return { healthTimer: { pid: timer.pid, startTicks } };
}

/** Ends the checks of a container that has ended. */
export function endHealth({ healthTimer }: ContainerRun): void {
  if (healthTimer === undefined || processStartTicks(healthTimer.pid) !== healthTimer.startTicks) return;
  try {
    process.kill(healthTimer.pid, 'SIGTERM');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { execSyncInContainer } from '../containers/exec.ts';
import { statusOf } from '../containers/status.ts';
import { containerEvent } from '../core/container-event.ts';
import { type Context, readContainer } from '../core/context.ts';
import type { CallOptions, ContainerRecord } from '../types/containers.ts';
import type { Health, HealthCheck, HealthLogEntry, HealthReport } from '../types/health.ts';
import { healthCommand } from './health-check-of.ts';
import { readHealth, writeHealth } from './health-file.ts';

const mostOutput = 500;
const mostEntries = 5;

/** Runs the check of a container and notes what it has found. */
export async function checkHealth(
  context: Context,
  id: string,
  { signal }: CallOptions = {},
): Promise<HealthReport> {
  const record = await readContainer(context, id);
  const { healthCheck: check } = record;
  const command = healthCommand(check);
  if ((await statusOf(context, record)) !== 'running') {
    throw new LadingError(Code.FailedPrecondition, `container ${id} is not running`, {
      reason: 'CONTAINER_NOT_RUNNING',
    });
  }
  if (check === undefined || command === undefined) {
    throw new LadingError(Code.FailedPrecondition, `container ${id} has no defined healthcheck`, {
      reason: 'HEALTH_CHECK_MISSING',
    });
  }
  const entry = await runCheck(context, record, command, check, signal);
  const health = await context.locks.hold(id, async () => {
    if ((await context.containers.get(id)) === undefined) {
      await context.locks.forget(id);
      throw new LadingError(Code.NotFound, `container ${id} was removed while its health was checked`);
    }
    const next = withEntry(context, record, check, await readHealth(context, record), entry);
    await writeHealth(record, next);
    return next;
  });
  context.events.emit(containerEvent(record, 'health_status', { health_status: health.status }));
  return { isHealthy: entry.exitCode === 0, health };
}

async function runCheck(
  context: Context,
  record: ContainerRecord,
  command: readonly string[],
  { timeoutMs = 30_000 }: HealthCheck,
  signal: AbortSignal | undefined,
): Promise<HealthLogEntry> {
  const startedAt = context.now().toISOString();
  const found = await execSyncInContainer(context, record.id, {
    command,
    timeoutMs,
    limitBytes: mostOutput * 4, // the most that so many characters take
    ...(signal && { signal }),
  }).then(
    ({ exitCode, stdout, stderr }) => ({
      exitCode: exitCode === 0 ? 0 : 1,
      output: [stdout, stderr].map(textOf).filter(Boolean).join('\n'),
    }),
    (reason: unknown) => failureOf(reason, timeoutMs),
  );
  const output = found.output.slice(0, mostOutput);
  return { startedAt, finishedAt: context.now().toISOString(), exitCode: found.exitCode, output };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString().replace(/\n$/, '');
}

/** A command that is not there, or takes too long, is a failure of the container; all else is one of ours. */
function failureOf(reason: unknown, timeoutMs: number): Pick<HealthLogEntry, 'exitCode' | 'output'> {
  if (hasCode(reason, Code.DeadlineExceeded)) {
    return { exitCode: -1, output: `healthcheck command exceeded timeout of ${timeoutMs / 1000}s` };
  }
  const error = LadingError.from(reason);
  if (error.reason === 'COMMAND_NOT_FOUND' || error.reason === 'COMMAND_NOT_EXECUTABLE') {
    return { exitCode: 1, output: error.message };
  }
  throw error;
}

function withEntry(
  context: Context,
  { run }: ContainerRecord,
  { retries = 3, startPeriodMs = 0 }: HealthCheck,
  before: Health | undefined,
  entry: HealthLogEntry,
): Health {
  const { status = 'starting', failingStreak = 0, log = [] } = before ?? {};
  const entries = [...log, entry].slice(-mostEntries);
  if (entry.exitCode === 0) return { status: 'healthy', failingStreak: 0, log: entries };
  const startedAt = Date.parse(run?.startedAt ?? '');
  if (context.now().getTime() < startedAt + startPeriodMs) return { status, failingStreak, log: entries };
  const streak = failingStreak + 1;
  return { status: streak >= retries ? 'unhealthy' : status, failingStreak: streak, log: entries };
}

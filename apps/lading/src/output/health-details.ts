// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, HealthCheck } from '@lading/engine';

/** `State.Health` of inspect. */
export function healthDetails({ health }: ContainerInfo): Readonly<Record<string, unknown>> {
  const log = health?.log.map(({ startedAt, finishedAt, exitCode, output }) => ({
    Start: startedAt,
    End: finishedAt,
    ExitCode: exitCode,
    Output: output,
  }));
  return {
    Status: health?.status ?? '',
    FailingStreak: health?.failingStreak ?? 0,
    Log: log === undefined || log.length === 0 ? null : log,
  };
}

/** `Config.Healthcheck` of inspect: nanoseconds; what is 0 is left out. */
export function checkDetails(check: HealthCheck): Readonly<Record<string, unknown>> {
  const { test, intervalMs = 30_000, timeoutMs, startPeriodMs = 0, retries } = check;
  const numbers = {
    StartPeriod: startPeriodMs * 1e6,
    Interval: intervalMs * 1e6,
    Timeout: (timeoutMs ?? (test[0] === 'NONE' ? 0 : 30_000)) * 1e6,
    Retries: retries ?? (test[0] === 'NONE' ? 0 : 3),
  };
  return { Test: test, ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0)) };
}

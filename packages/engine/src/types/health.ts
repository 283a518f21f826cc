// SPDX-License-Identifier: Apache-2.0

/** How it is seen whether a container does its work. */
export interface HealthCheck {
  /** `['CMD', …argv]`, `['CMD-SHELL', script]`, or `['NONE']` for no check although the image has one. */
  readonly test: readonly string[];
  /** Between two checks, a second at least; 0: only when it is asked for. Default 30 000. */
  readonly intervalMs?: number;
  /** A check that takes longer is killed, and has failed. Default 30 000. */
  readonly timeoutMs?: number;
  /** Failures in a row that make it unhealthy. Default 3. */
  readonly retries?: number;
  /** So long after the start failures do not count. Default 0. */
  readonly startPeriodMs?: number;
}

/** What is done to a container that becomes unhealthy. */
export type HealthAction = 'none' | 'kill' | 'restart' | 'stop';

export interface HealthLogEntry {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** 0, 1 for a failure, -1 for one that took too long. */
  readonly exitCode: number;
  /** The first 500 characters. */
  readonly output: string;
}

/** What the checks of a container have found. */
export interface Health {
  /** `starting` until the first success, or so many failures as make it `unhealthy`. */
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failingStreak: number;
  /** The last five. */
  readonly log: readonly HealthLogEntry[];
}

/** What one check has found. */
export interface HealthReport {
  readonly isHealthy: boolean;
  /** With that check. */
  readonly health: Health;
}

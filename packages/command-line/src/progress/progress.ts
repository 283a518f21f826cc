// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '../environment.ts';
import { usageError } from '../usage-error.ts';
import { createJsonProgress } from './json-progress.ts';
import { createPlainProgress } from './plain-progress.ts';
import { createTerminalProgress } from './terminal-progress.ts';

/**
 * How work is shown on stderr: `tty` bars, `plain` lines, `json` an object a line, `none` nothing; `auto` bars on a
 * terminal and lines elsewhere.
 */
export type ProgressMode = 'auto' | 'tty' | 'plain' | 'json' | 'none';

/** The modes, for help and completion. */
export const progressModes: readonly ProgressMode[] = ['auto', 'tty', 'plain', 'json', 'none'];

/** How far one piece of work is. */
export interface ProgressItem {
  /** Tells it from others. */
  readonly id: string;
  /** What is done with it, as `Copying blob sha256:4f2a…`. */
  readonly label: string;
  readonly state: 'running' | 'done' | 'skipped';
  readonly currentBytes: number;
  readonly totalBytes: number;
}

/** Shows work on stderr. Calls are quick, and never fail: progress that cannot be shown is no reason to stop. */
export interface Progress {
  report(item: ProgressItem): void;
  /** A line of its own. */
  say(line: string): void;
  /** Takes bars away. The last call. */
  end(): void;
}

/** Settings of {@link createProgress}. */
export interface ProgressOptions {
  /** Default: `auto`. */
  readonly mode?: ProgressMode | undefined;
  /** Milliseconds of a clock that only goes on. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/** Makes what shows work on the stderr of an environment. */
export function createProgress(environment: Environment, options: ProgressOptions = {}): Progress {
  const { mode = 'auto', now = () => performance.now() } = options;
  const resolved = mode === 'auto' ? (environment.stderrIsTerminal ? 'tty' : 'plain') : mode;
  switch (resolved) {
    case 'tty':
      return createTerminalProgress(environment, now);
    case 'plain':
      return createPlainProgress(environment, now);
    case 'json':
      return createJsonProgress(environment, now);
    case 'none':
      return { report: () => {}, say: () => {}, end: () => {} };
  }
}

/** The mode that a text names. @throws a usage error naming the modes */
export function parseProgressMode(text: string): ProgressMode {
  const mode = progressModes.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw usageError(
    `unknown progress ${JSON.stringify(text.slice(0, 40))}: choose one of ${progressModes.join(', ')}`,
  );
}

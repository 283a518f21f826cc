// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Settings } from './config/settings.ts';

/** By weight, as CRI-O has them; `fatal` and `panic` say nothing before the end. */
const levels: readonly string[] = ['fatal', 'panic', 'error', 'warn', 'info', 'debug', 'trace'];

/** Of what the daemon says while it runs: each call is `debug`. */
type LogLevel = 'warn' | 'info' | 'debug';

export type Log = (level: LogLevel, message: string) => void;

export type LogSettings = Pick<Settings, 'logLevel' | 'logFilter'>;

/** Writes lines, as far as the settings that hold now let them through. */
export function createLog(write: (line: string) => void, settings: () => LogSettings): Log {
  return (level, message) => {
    const { logLevel = 'info', logFilter } = settings();
    if (levels.indexOf(level) > levels.indexOf(logLevel)) return;
    if (logFilter !== undefined && !new RegExp(logFilter).test(message)) return;
    write(level === 'warn' ? `Warning: ${message}\n` : `${message}\n`);
  };
}

/** @throws LadingError `invalid_argument` for a level that is none, or an expression that cannot be read */
export function checkLog({ logLevel, logFilter = '' }: LogSettings): void {
  if (logLevel !== undefined && !levels.includes(logLevel)) {
    throw new LadingError(
      Code.InvalidArgument,
      `crio.runtime.log_level: ${JSON.stringify(logLevel)} is none of ${levels.join(', ')}`,
    );
  }
  try {
    new RegExp(logFilter);
  } catch (cause) {
    throw new LadingError(
      Code.InvalidArgument,
      `crio.runtime.log_filter: ${JSON.stringify(logFilter)} is no regular expression: ${LadingError.from(cause).message}`,
      { cause },
    );
  }
}

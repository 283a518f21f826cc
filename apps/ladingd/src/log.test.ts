// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { checkLog, createLog, type LogSettings } from './log.ts';

it.each<[LogSettings, readonly string[]]>([
  [{}, ['Warning: slow disk\n', 'reloaded\n']],
  [{ logLevel: 'error' }, []],
  [{ logLevel: 'warn' }, ['Warning: slow disk\n']],
  [{ logLevel: 'debug' }, ['Warning: slow disk\n', 'reloaded\n', 'Version: 1 ms\n']],
  [{ logLevel: 'trace', logFilter: '^(slow|Version)' }, ['Warning: slow disk\n', 'Version: 1 ms\n']],
])('with %j', (settings, expected) => {
  const lines: string[] = [];
  const log = createLog(
    (line) => lines.push(line),
    () => settings,
  );
  log('warn', 'slow disk');
  log('info', 'reloaded');
  log('debug', 'Version: 1 ms');
  expect(lines).toEqual(expected);
});

it.each<[LogSettings, string]>([
  [{ logLevel: 'loud' }, 'crio.runtime.log_level: "loud" is none of fatal, panic, error, warn, info'],
  [{ logFilter: '(' }, 'crio.runtime.log_filter: "(" is no regular expression'],
])('refuses %j', (settings, message) => {
  expect(() => checkLog(settings)).toThrow(message);
});

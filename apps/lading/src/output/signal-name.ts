// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import { usageError } from '@lading/command-line';

/** `KILL`, `sigkill` or `9` as `SIGKILL`. */
export function parseSignal(text: string): string {
  const signals: Readonly<Record<string, number>> = constants.signals;
  if (/^\d+$/.test(text)) {
    const found = Object.entries(signals).find(([, number]) => number === Number(text));
    if (found !== undefined) return found[0];
  }
  const name = text.toUpperCase().startsWith('SIG') ? text.toUpperCase() : `SIG${text.toUpperCase()}`;
  if (!Object.hasOwn(signals, name)) throw usageError(`invalid signal: ${text}`);
  return name;
}

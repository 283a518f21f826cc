// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import { usageError } from '@lading/command-line';

/** The first and the last of those for real time, which Node does not name. */
const [first, last] = [34, 64];

const signals: ReadonlyMap<string, number> = new Map([
  ...Object.entries(constants.signals),
  ...Array.from({ length: last - first + 1 }, (_, offset): [string, number] => [
    offset === 0 ? 'SIGRTMIN' : offset === last - first ? 'SIGRTMAX' : `SIGRTMIN+${offset}`,
    first + offset,
  ]),
]);

/** `KILL`, `sigkill` or `9` as `SIGKILL`. */
export function parseSignal(text: string): string {
  if (/^\d+$/.test(text)) {
    const [name] = [...signals].find(([, number]) => number === Number(text)) ?? [];
    if (name !== undefined) return name;
  }
  const upper = text.toUpperCase();
  const full = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  // From the end, as some count them.
  const [, back] = /^SIGRTMAX-(\d{1,2})$/.exec(full) ?? [];
  const name = back === undefined ? full : `SIGRTMIN+${last - first - Number(back)}`;
  if (!signals.has(name)) throw usageError(`invalid signal: ${text}`);
  return name;
}

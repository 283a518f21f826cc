// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';

const factors: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};

/** A size in bytes from `512m`, `1.5g`, `65536k` or plain bytes; steps of 1024. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(i?b)?$/i.exec(text);
  const factor = factors[(match?.[2] ?? '').toLowerCase()] ?? 1;
  const size = match === null ? Number.NaN : Math.floor(Number(match[1]) * factor);
  if (!Number.isSafeInteger(size)) throw usageError(`invalid size: ${quote(text)}`);
  return size;
}

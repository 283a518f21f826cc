// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';

const prefixes = ['', 'k', 'm', 'g', 't', 'p'];

/** A size in bytes from `512m`, `1.5g`, `65536k` or plain bytes; steps of 1024, or of 1000 where podman has those. */
export function parseSize(text: string, step: 1000 | 1024 = 1024): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(i?b)?$/i.exec(text);
  const factor = step ** prefixes.indexOf((match?.[2] ?? '').toLowerCase());
  const size = match === null ? Number.NaN : Math.floor(Number(match[1]) * factor);
  if (!Number.isSafeInteger(size)) throw usageError(`invalid size: ${quote(text)}`);
  return size;
}

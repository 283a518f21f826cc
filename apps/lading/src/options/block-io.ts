// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { type Flags, usageError } from '@lading/command-line';
import type { BlockRate, ResourceLimits } from '@lading/engine';
import { quote } from '@lading/go-template';
import { parseSize } from './size.ts';

/** `--blkio-…` and `--device-read-…`, `--device-write-…`. */
export function readBlockFlags(flags: Flags): ResourceLimits {
  const weight = flags.string('blkio-weight') || undefined;
  const lists = {
    blockWeights: flags.strings('blkio-weight-device').map((text) => parseRate(text, parseWeight)),
    blockReadBps: flags.strings('device-read-bps').map((text) => parseRate(text, parseBytes)),
    blockWriteBps: flags.strings('device-write-bps').map((text) => parseRate(text, parseBytes)),
    blockReadIops: flags.strings('device-read-iops').map((text) => parseRate(text, parseCount)),
    blockWriteIops: flags.strings('device-write-iops').map((text) => parseRate(text, parseCount)),
  };
  return {
    ...(weight !== undefined && { blockWeight: parseWeight(weight, weight) }),
    ...Object.fromEntries(Object.entries(lists).filter(([, rates]) => rates.length > 0)),
  };
}

/** `PATH:NUMBER`, of a device below /dev. */
function parseRate(text: string, parse: (number: string, whole: string) => number): BlockRate {
  const [path = '', number, ...rest] = text.split(':');
  if (number === undefined || rest.length > 0) throw usageError(`bad format: ${text}: use DEVICE:NUMBER`);
  if (!path.startsWith('/dev/')) throw usageError(`bad format for device path: ${text}`);
  if (!existsSync(path))
    throw usageError(`could not parse throttle device at ${path}: no such file or directory`);
  return { path, rate: parse(number, text) };
}

function parseWeight(number: string, whole: string): number {
  const weight = /^\d{1,4}$/.test(number) ? Number(number) : 0;
  if (weight < 10 || weight > 1000) throw usageError(`invalid block weight ${quote(whole)}: use 10 to 1000`);
  return weight;
}

function parseBytes(number: string, whole: string): number {
  if (!/^\d/.test(number))
    throw usageError(`invalid rate for device: ${whole}: use NUMBER[UNIT], such as 1mb`);
  return parseSize(number);
}

function parseCount(number: string, whole: string): number {
  const count = Number(number);
  if (!/^\d+$/.test(number) || !Number.isSafeInteger(count)) {
    throw usageError(`invalid rate for device: ${whole}: the number must be a positive integer`);
  }
  return count;
}

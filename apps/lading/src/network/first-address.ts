// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';

/** The first address of a subnet, which the plugin takes for the gateway where none is named; undefined for what is none. */
export function firstAddress(subnet: string): string | undefined {
  const [address = '', prefix = ''] = subnet.split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(prefix)) return undefined;
  const [partBits, parts] = family === 4 ? [8, address.split('.').map(Number)] : [16, groupsOf(address)];
  const bits = BigInt(parts.length * partBits);
  if (BigInt(prefix) > bits) return undefined;
  const hostBits = bits - BigInt(prefix);
  const value = parts.reduce((sum, part) => (sum << BigInt(partBits)) | BigInt(part), 0n);
  const first = ((value >> hostBits) << hostBits) + 1n;
  const words = parts.map((_part, index) =>
    Number(BigInt.asUintN(partBits, first >> BigInt((parts.length - 1 - index) * partBits))),
  );
  if (family === 4) return words.join('.');
  const long = words.map((word) => word.toString(16)).join(':');
  return new URL(`http://[${long}]`).hostname.slice(1, -1); // as short as it can be written
}

function groupsOf(address: string): readonly number[] {
  // Written in full, but for zeros.
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = '', after = ''] = short.split('::');
  const read = (text: string): readonly number[] =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
  const [head, tail] = [read(before), read(after)];
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

// SPDX-License-Identifier: Apache-2.0
import { isIPv4 } from 'node:net';

/** An IPv4 address as the number that it is, 0 to 2^32 - 1. */
export type Ipv4 = number;

export function parseIpv4(value: unknown): Ipv4 | undefined {
  if (typeof value !== 'string' || !isIPv4(value)) return undefined;
  return value.split('.').reduce((all, part) => all * 256 + Number(part), 0);
}

export function ipv4Text(address: Ipv4): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** A network in CIDR form, whose address must be its first. */
export function parseNetwork(
  value: unknown,
): { readonly first: Ipv4; readonly last: Ipv4; readonly bits: number } | undefined {
  const [, address, prefix] = (typeof value === 'string' && /^([\d.]+)\/(\d{1,2})$/.exec(value)) || [];
  const first = parseIpv4(address);
  const bits = Number(prefix);
  if (first === undefined || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return first % size === 0 ? { first, last: first + size - 1, bits } : undefined;
}

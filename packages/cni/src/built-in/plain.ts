// SPDX-License-Identifier: Apache-2.0
import { isObject } from '../parse-config.ts';
import { parseIpv4 } from './ipv4.ts';

type Members = Readonly<Record<string, unknown>>;

/** What each plugin gets, beside what it has of its own. */
const common = ['type', 'name', 'cniVersion', 'capabilities'];

/** Whether a plugin is told nothing but these. */
export function isToldOnly(config: Members, keys: readonly string[]): boolean {
  return hasOnly(config, [...common, ...keys]);
}

export function hasOnly(from: Members, keys: readonly string[]): boolean {
  return Object.keys(from).every((key) => keys.includes(key));
}

/** The addresses of a result in CIDR form; undefined when it has no list of them, or one is not of IPv4. */
export function ipv4CidrsOf(result: unknown): readonly string[] | undefined {
  if (!isObject(result) || !Array.isArray(result.ips)) return undefined;
  const cidrs = result.ips.map((ip: unknown) => (isObject(ip) ? String(ip.address) : ''));
  // They become words of rules.
  return cidrs.every((cidr) => /^[\d.]+\/\d{1,2}$/.test(cidr) && parseIpv4(withoutPrefix(cidr)) !== undefined)
    ? cidrs
    : undefined;
}

/** The only address of a result, in CIDR form. */
export function onlyIpv4Cidr(result: unknown): string | undefined {
  const [cidr, ...others] = ipv4CidrsOf(result) ?? [];
  return others.length === 0 ? cidr : undefined;
}

export function withoutPrefix(cidr: string): string {
  return cidr.replace(/\/.*$/, '');
}

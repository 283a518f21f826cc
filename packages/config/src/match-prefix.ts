// SPDX-License-Identifier: Apache-2.0
import type { RegistryEntry } from './registry-entry.ts';

/**
 * How many characters of `name` (host/path, without tag and digest) a prefix covers; -1 when it does not match.
 * A prefix ends where a component ends: `example.com` is neither `example.com.evil.net` nor `example.com:5000`.
 */
export function coveredBy(name: string, prefix: string): number {
  if (!prefix.startsWith('*.')) {
    return name === prefix || name.startsWith(`${prefix}/`) ? prefix.length : -1;
  }
  const slash = name.indexOf('/');
  const host = slash < 0 ? name : name.slice(0, slash);
  const domain = prefix.slice(1);
  return host.length > domain.length && host.endsWith(domain) ? host.length : -1;
}

/** The entry with the longest prefix that matches. */
export function findEntry(name: string, entries: Iterable<RegistryEntry>): RegistryEntry | undefined {
  let best: RegistryEntry | undefined;
  for (const entry of entries) {
    if (coveredBy(name, entry.prefix) < 0) continue;
    if (best === undefined || entry.prefix.length > best.prefix.length) best = entry;
  }
  return best;
}

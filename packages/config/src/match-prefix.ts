// SPDX-License-Identifier: Apache-2.0
import { type Reference, withDefaultTag } from '@lading/image-spec';
import type { RegistryEntry } from './registry-entry.ts';

/**
 * How many characters of `name` (host/path, without tag and digest) a prefix covers; -1 when it does not match.
 * A prefix ends where a component ends: `example.com` is not `example.com.evil.net`. A host without a port is the host
 * on every port, as for the other readers of these files: what they block must not open here by `:443`.
 */
export function coveredBy(name: string, prefix: string): number {
  if (name === prefix || name.startsWith(`${prefix}/`)) return prefix.length;
  const [host = ''] = name.split('/', 1);
  const bare = host.replace(/:\d+$/, '');
  if (!prefix.startsWith('*.')) return bare === prefix ? bare.length : -1;
  const domain = prefix.slice(1);
  return bare.length > domain.length && bare.endsWith(domain) ? bare.length : -1;
}

/** Whether a prefix is that of one image: it has a tag or a digest. */
export function isOfOneImage(prefix: string): boolean {
  return /\/.*[:@]/.test(prefix);
}

/**
 * Whether an entry of one image blocks it. The other readers of these files look for entries by the name alone, so that
 * such an entry does nothing for them; their manual has it count, and what is said to be blocked must not open here.
 */
export function isBlockedAlone(
  name: string,
  reference: Reference,
  entries: Iterable<RegistryEntry>,
): boolean {
  const { tag, digest } = withDefaultTag(reference);
  for (const { blocked, prefix } of entries) {
    if (blocked && (prefix === `${name}:${tag}` || prefix === `${name}@${digest}`)) return true;
  }
  return false;
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

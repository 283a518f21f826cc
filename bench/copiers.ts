// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Contender } from './measure.ts';

const ladingCopyBin = join(import.meta.dirname, '../apps/lading-copy/bin/lading-copy.js');

/** lading-copy as npm puts it on the PATH, without what the rounds before have taught: no cache can be kept in a device. */
export function ladingCopy(args: readonly string[]): Contender {
  const env = { ...process.env, XDG_CACHE_HOME: '/dev/null' };
  return { name: 'lading-copy', command: [ladingCopyBin, '--insecure-policy', ...args], env };
}

export function skopeo(args: readonly string[]): Contender {
  return { name: 'skopeo', command: ['skopeo', '--insecure-policy', ...args], env: process.env };
}

/** With a cache of its own that is gone afterwards: else it remembers where blobs were, and has them mounted. */
export function forgetfulSkopeo(args: readonly string[]): Contender {
  const script =
    'mkdir -p /var/lib/containers/cache; mount -t tmpfs none /var/lib/containers/cache; exec "$0" "$@"';
  const { name, command, env } = skopeo(args);
  return { name, command: ['unshare', '--mount', 'sh', '-euc', script, ...command], env };
}

/** crane is in newer suites of Debian than the one that the bench installs from: it takes part where it is there. */
export function crane(args: readonly string[]): readonly [Contender] | readonly [] {
  const found = (process.env.PATH ?? '').split(delimiter).some((entry) => existsSync(join(entry, 'crane')));
  if (found) return [{ name: 'crane', command: ['crane', ...args], env: process.env }];
  console.error('crane is not on the PATH and takes no part; Debian has it as package crane');
  return [];
}

// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { defaultLimits } from '../src/limits.ts';
import type { TarEntry } from '../src/tar-entry.ts';
import { createTarParser } from '../src/tar-parser.ts';
import { bytesOf } from './tar-names.ts';

/**
 * The entries of an archive by name, one line each. Hard links are written as the set of their names: which of them
 * holds the content depends on the order.
 */
export async function entriesOf(archive: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const found: { entry: TarEntry; hash: ReturnType<typeof createHash> }[] = [];
  const parser = createTarParser(
    {
      onRaw() {},
      onEntryEnd() {},
      onGlobalHeader() {},
      onEntry: (entry) => found.push({ entry, hash: createHash('sha256') }),
      onContent: (bytes) => found.at(-1)?.hash.update(bytes),
    },
    defaultLimits,
  );
  parser.push(await bytesOf(archive));
  parser.end();
  const names = new Map<string, string[]>();
  for (const { entry } of found) {
    const name = entry.name.toString('latin1');
    if (entry.type === 'link') names.get(entry.linkName.toString('latin1'))?.push(name);
    else names.set(name, [name]);
  }
  return found
    .filter(({ entry }) => entry.type !== 'link')
    .map(({ entry, hash }) =>
      JSON.stringify({
        names: names.get(entry.name.toString('latin1'))?.toSorted(),
        type: entry.type,
        mode: entry.type === 'symlink' ? 0o777 : entry.mode,
        owner: [entry.uid, entry.gid],
        target: entry.linkName.toString('latin1'),
        device: [entry.major, entry.minor],
        mtimeNs: String(entry.mtimeNs),
        xattrs: [...entry.xattrs].map(([key, value]) => [key, value.toString('hex')]).toSorted(),
        size: entry.size,
        content: hash.digest('hex'),
      }),
    )
    .toSorted();
}

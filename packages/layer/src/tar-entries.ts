// SPDX-License-Identifier: Apache-2.0
import { defaultLimits, type LayerLimits } from './limits.ts';
import type { TarEntry } from './tar-entry.ts';
import { createTarParser } from './tar-parser.ts';

/**
 * Reads what an uncompressed archive says of its entries, and passes over their content. The source is read to its
 * end, also behind the end of the archive, so that a digest can be taken of it on the way.
 *
 * @throws LadingError `invalid_argument` for a broken archive; `resource_exhausted` for a limit; `data_loss` for one
 * that was cut
 */
export async function* tarEntries(
  tar: AsyncIterable<Uint8Array>,
  limits: Partial<LayerLimits> = {},
): AsyncGenerator<TarEntry> {
  let found: TarEntry[] = [];
  const parser = createTarParser(
    {
      onRaw() {},
      // The parser's own buffers serve again for the next header.
      onEntry(entry) {
        found.push({ ...entry, name: Buffer.from(entry.name), linkName: Buffer.from(entry.linkName) });
      },
      onContent() {},
      onEntryEnd() {},
      onGlobalHeader() {},
    },
    { ...defaultLimits, ...limits },
  );
  for await (const chunk of tar) {
    parser.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (found.length === 0) continue;
    yield* found;
    found = [];
  }
  parser.end();
}

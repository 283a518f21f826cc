// SPDX-License-Identifier: Apache-2.0
import { createBlockWriter } from './block-writer.ts';
import { efforts } from './efforts.ts';
import { createMatchFinder } from './match-finder.ts';

export { mostDeflated } from './block-writer.ts';

/** The levels that there are, from 1 on. */
export const fastLevels: number = efforts.length;

/**
 * Writes bytes as blocks of deflate that look back on nothing before them, end on a whole byte and have no last one,
 * and gives the number of their bytes. They depend on the bytes and the level alone.
 *
 * @param bytes up to 8 MiB less one
 * @param output has room for {@link mostDeflated}
 */
export type Deflate = (bytes: Uint8Array, output: Uint8Array) => number;

/**
 * A compressor for one stretch of bytes after the other, which makes about as many of them as zlib does at that level.
 *
 * @throws RangeError when there is no such level, or `output` was too small
 * @see RFC 1951
 */
export function createDeflate(level: number): Deflate {
  const effort = efforts[level - 1];
  if (effort === undefined) throw new RangeError(`there is no level ${level}`);
  const finder = createMatchFinder(effort);
  return (bytes, output) => {
    const writer = createBlockWriter(output);
    finder.begin(bytes);
    for (let from = 0; from < bytes.length; from = finder.noiseEnd()) {
      const to = finder.find(from);
      if (to > from) writer.block(bytes, from, to, finder.matches);
      writer.stored(bytes, to, finder.noiseEnd());
    }
    return writer.end();
  };
}

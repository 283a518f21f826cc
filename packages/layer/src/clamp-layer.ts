// SPDX-License-Identifier: Apache-2.0
import type { LayerSource } from './layer-source.ts';
import { timeCutter } from './pack-options.ts';
import { nextContent, type ReadLayerOptions, readLayer } from './read-layer.ts';
import { archiveOf, type PackItem } from './tar-archive.ts';
import { untilAborted } from './until-aborted.ts';

/** A layer whose later times become one. */
export interface ClampedLayer {
  /** The uncompressed archive, to be read once. */
  readonly tar: AsyncGenerator<Uint8Array> & LayerSource;
  /** Whether an entry had a later time; known when the archive has been read. */
  isChanged(): boolean;
}

/**
 * The same entries in the same order, whiteouts too, with no time after `latest`. Access and change times are left out,
 * and holes of sparse files become zeros.
 *
 * @throws LadingError from the archive as `readLayer`; `invalid_argument` for a time before 1970
 */
export function clampLayer(source: LayerSource, latest: Date, options: ReadLayerOptions = {}): ClampedLayer {
  let changed = false;
  const cut = timeCutter({ mtime: latest, timePrecision: 'nanosecond' });
  async function* items(): AsyncGenerator<PackItem> {
    const events = readLayer(source, options);
    for (let next = await events.next(); !next.done; next = await events.next()) {
      if (next.value.kind !== 'entry') continue;
      const { atimeNs, ctimeNs, ...entry } = next.value.entry;
      const mtimeNs = cut(entry.mtimeNs);
      // Times are in nanoseconds, a Date has milliseconds.
      changed ||= mtimeNs < entry.mtimeNs || isLater(atimeNs, latest) || isLater(ctimeNs, latest);
      const content = { kind: 'stream', open: () => nextContent(events) } as const;
      yield entry.type === 'file' ? { ...entry, mtimeNs, content } : { ...entry, mtimeNs, size: 0 };
    }
  }
  return {
    tar: untilAborted(archiveOf(items(), options.signal), options.signal),
    isChanged: () => changed,
  };
}

function isLater(timeNs: bigint | undefined, latest: Date): boolean {
  return timeNs !== undefined && timeNs > BigInt(latest.getTime()) * 1_000_000n;
}

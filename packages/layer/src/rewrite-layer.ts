// SPDX-License-Identifier: Apache-2.0
import type { LayerSource } from './layer-source.ts';
import { nextContent, type ReadLayerOptions, readLayer } from './read-layer.ts';
import { archiveOf, type PackItem } from './tar-archive.ts';
import type { TarEntry } from './tar-entry.ts';
import { untilAborted } from './until-aborted.ts';

/** A layer that is written anew, with some of its entries changed. */
export interface RewrittenLayer {
  /** The uncompressed archive, to be read once. */
  readonly tar: AsyncGenerator<Uint8Array> & LayerSource;
  /** Whether an entry is another one, or is left out; known when the archive has been read. */
  isChanged(): boolean;
}

/** An entry in the place of one: the same where nothing changes, undefined where it is left out. */
export type EntryChange = (entry: TarEntry) => TarEntry | undefined;

/** The content of a file in the place of another one. */
export interface NewContent {
  readonly sizeBytes: number;
  open(): AsyncIterable<Uint8Array>;
  /** Whether it differs from what it stands for. */
  readonly isChanged: boolean;
}

/** Options of {@link rewriteLayer}. */
export interface RewriteLayerOptions extends ReadLayerOptions {
  /**
   * What makes the content of a file anew, which reads all of the old one; undefined for a file that keeps it. Default:
   * all do.
   */
  readonly changeContent?:
    | ((entry: TarEntry) => ((content: AsyncIterable<Uint8Array>) => Promise<NewContent>) | undefined)
    | undefined;
}

/**
 * The entries of a layer in their order, whiteouts too, as `change` gives them. Access and change times are left out,
 * and holes of sparse files become zeros.
 *
 * @throws LadingError from the archive as `readLayer`; what `change` throws
 *
 * @example
 * ```ts
 * import { type EntryChange, packEntries, type RewrittenLayer, readLayer, rewriteLayer } from '@lading/layer';
 *
 * const layer = packEntries([{ type: 'file', path: 'app', content: 'x', uid: 1000 }]);
 * const byRoot: EntryChange = (entry) => (entry.uid === 0 ? entry : { ...entry, uid: 0 });
 * const rewritten: RewrittenLayer = rewriteLayer(layer, byRoot);
 * for await (const event of readLayer(rewritten.tar)) {
 *   if (event.kind === 'entry') console.log(event.entry.uid); // → 0
 * }
 * console.log(rewritten.isChanged()); // → true
 * ```
 */
export function rewriteLayer(
  source: LayerSource,
  change: EntryChange,
  { changeContent, ...options }: RewriteLayerOptions = {},
): RewrittenLayer {
  let changed = false;
  async function* items(): AsyncGenerator<PackItem> {
    const events = readLayer(source, options);
    for (let next = await events.next(); !next.done; next = await events.next()) {
      if (next.value.kind !== 'entry') continue;
      const given = change(next.value.entry);
      changed ||= given !== next.value.entry;
      if (given === undefined) continue;
      const { atimeNs: _a, ctimeNs: _c, ...entry } = given;
      if (entry.type !== 'file') {
        yield { ...entry, size: 0 };
        continue;
      }
      const made = await changeContent?.(given)?.(nextContent(events));
      changed ||= made?.isChanged === true;
      yield {
        ...entry,
        size: made?.sizeBytes ?? entry.size,
        content: { kind: 'stream', open: made?.open ?? (() => nextContent(events)) },
      };
    }
  }
  return {
    tar: untilAborted(archiveOf(items(), options.signal), options.signal),
    isChanged: () => changed,
  };
}

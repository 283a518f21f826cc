// SPDX-License-Identifier: Apache-2.0
import type { LayerSource } from './layer-source.ts';
import { timeCutter } from './pack-options.ts';
import type { ReadLayerOptions } from './read-layer.ts';
import { type RewrittenLayer, rewriteLayer } from './rewrite-layer.ts';

/**
 * The same entries in the same order, whiteouts too, with no time after `latest`. Access and change times are left out,
 * and holes of sparse files become zeros.
 *
 * @throws LadingError from the archive as `readLayer`; `invalid_argument` for a time before 1970
 */
export function clampLayer(
  source: LayerSource,
  latest: Date,
  options: ReadLayerOptions = {},
): RewrittenLayer {
  const cut = timeCutter({ mtime: latest, timePrecision: 'nanosecond' });
  // Times are in nanoseconds, a Date has milliseconds.
  const latestNs = BigInt(latest.getTime()) * 1_000_000n;
  return rewriteLayer(
    source,
    (entry) => {
      const times = [entry.mtimeNs, entry.atimeNs ?? 0n, entry.ctimeNs ?? 0n];
      return times.some((time) => time > latestNs) ? { ...entry, mtimeNs: cut(entry.mtimeNs) } : entry;
    },
    options,
  );
}

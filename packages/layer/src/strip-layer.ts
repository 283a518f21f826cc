// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { pathInLayer } from './entry-path.ts';
import type { LayerSource } from './layer-source.ts';
import type { ReadLayerOptions } from './read-layer.ts';
import { type RewrittenLayer, rewriteLayer } from './rewrite-layer.ts';
import { shown } from './tar-header.ts';

/**
 * The layer without some files, and without what is in them where they are folders. What is written is the archive
 * anew, so that nothing of them is left.
 *
 * @param paths as a container sees them: `/etc/motd`
 * @throws LadingError `failed_precondition` (`LINKED`) where a hard link that stays needs a file that goes;
 * `invalid_argument` for a path that is the root or climbs out; from the archive as `readLayer`
 *
 * @example
 * ```ts
 * import { packEntries, readLayer, stripLayer } from '@lading/layer';
 *
 * const layer = packEntries([
 *   { type: 'file', path: 'secret', content: 'x' },
 *   { type: 'file', path: 'motd', content: 'y' },
 * ]);
 * const stripped = stripLayer(layer, ['/secret']);
 * for await (const event of readLayer(stripped.tar)) {
 *   if (event.kind === 'entry') console.log(event.entry.name.toString()); // → motd
 * }
 * console.log(stripped.isChanged()); // → true
 * ```
 */
export function stripLayer(
  source: LayerSource,
  paths: readonly string[],
  options: ReadLayerOptions = {},
): RewrittenLayer {
  const unwanted = new Set(paths.map(keyOf));
  const isUnwanted = (name: Buffer, what: string): boolean => {
    const path = pathInLayer(name, what).toString('latin1');
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (unwanted.has(path.slice(0, end))) return true;
    }
    return false;
  };
  return rewriteLayer(
    source,
    (entry) => {
      if (isUnwanted(entry.name, 'name')) return undefined;
      if (entry.type === 'link' && isUnwanted(entry.linkName, 'target of')) throw linked(entry);
      return entry;
    },
    options,
  );
}

function keyOf(path: string): string {
  const key = pathInLayer(Buffer.from(path), 'path').toString('latin1');
  if (key !== '/') return key;
  throw new LadingError(
    Code.InvalidArgument,
    `${JSON.stringify(path)} is all of the layer: name a file in it`,
  );
}

function linked({ name, linkName }: { readonly name: Buffer; readonly linkName: Buffer }): LadingError {
  return new LadingError(
    Code.FailedPrecondition,
    `${shown(name)} is a hard link to ${shown(linkName)}, which is to go: take both away`,
    { reason: 'LINKED' },
  );
}

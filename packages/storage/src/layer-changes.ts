// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import {
  type Change,
  type LayerSource,
  listChanges,
  listUpperChanges,
  type PackOptions,
  packChanges,
  packUpper,
} from '@lading/layer';
import { type DetachedMount, listXattrs, mountDetached } from '@lading/linux';
import type { StoreContext } from './context.ts';
import { hasMaps, type IdMaps } from './id-maps.ts';
import { contentFolders, layerFolder, lowerIds } from './layer-folder.ts';
import { mapLowers } from './map-lowers.ts';
import type { Paths } from './paths.ts';
import { relaySource } from './relay-source.ts';

/** What a layer changes of those below it. */
export async function* changesOf(
  { paths, overlayXattrs }: StoreContext,
  id: string,
  maps: IdMaps | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Change> {
  const { upper, lowers } = foldersOf(paths, id);
  if (!refersBelow(upper, overlayXattrs)) yield* listUpperChanges(upper, { lowers, overlayXattrs, signal });
  else {
    using trees = mountTrees(paths, id, maps);
    yield* listChanges(trees.before.path, trees.after.path, { signal });
  }
}

/** Options of {@link packLayer}. */
export interface PackLayerOptions extends PackOptions {
  /** Owners of the container, for which the layers below are mounted with other owners than they have. */
  readonly maps?: IdMaps | undefined;
  /**
   * True: the files are not looked at first, and where one refers to a layer below the archive fails in the middle, see
   * {@link isReferringBelow}. Default: false.
   */
  readonly isAtOnce?: boolean | undefined;
}

/** The archive of a layer as its files are now. */
export function packLayer(
  { paths, overlayXattrs }: StoreContext,
  id: string,
  { maps, isAtOnce = false, ...options }: PackLayerOptions,
): LayerSource {
  return relaySource(async function* (relay) {
    const { upper, lowers } = foldersOf(paths, id);
    if (isAtOnce || !refersBelow(upper, overlayXattrs)) {
      yield* relay(packUpper(upper, { ...options, lowers, overlayXattrs }));
      return;
    }
    using trees = mountTrees(paths, id, maps);
    yield* relay(packChanges(trees.before.path, trees.after.path, options));
  });
}

/** Whether an archive failed because a file of the layer refers to those below. */
export function isReferringBelow(error: unknown): boolean {
  const { reason } = LadingError.from(error);
  return reason === 'OVERLAY_METACOPY' || reason === 'OVERLAY_REDIRECT';
}

interface LayerFolders {
  readonly upper: string;
  readonly lowers: readonly string[];
}

/** Folders of a layer and of those below it, the nearest first; older content of its own is below. */
function foldersOf(paths: Paths, id: string): LayerFolders {
  const [upper = join(layerFolder(paths, id), 'diff'), ...older] = contentFolders(paths, id);
  const below = lowerIds(paths, id).flatMap((lower) => contentFolders(paths, lower));
  return { upper, lowers: [...older, ...below] };
}

interface Trees extends Disposable {
  readonly before: DetachedMount;
  readonly after: DetachedMount;
}

/** Both trees as they are mounted: where the upper folder refers to those below, it does not say everything. */
function mountTrees(paths: Paths, id: string, maps: IdMaps | undefined): Trees {
  const { upper, lowers } = foldersOf(paths, id);
  const work = mkdtempSync(join(paths.runLayers, 'trees-'));
  // Overlay wants two layers at least.
  const empty = join(work, 'empty');
  mkdirSync(empty);
  const mountTree = (folders: readonly string[]): DetachedMount =>
    mountDetached({
      type: 'overlay',
      attributes: ['readonly'],
      options: [
        ...[...folders, empty].map((path) => ['lowerdir+', path] as const),
        ['redirect_dir', 'follow'],
        ['metacopy', 'on'],
      ],
    });
  const mounted: DetachedMount[] = [];
  const dispose = (): void => {
    for (const tree of mounted) tree[Symbol.dispose]();
    // Nothing but empty folders, unless something is mounted in them still.
    for (const folder of readdirSync(work, { recursive: true }).map(String).sort().reverse()) {
      rmdirSync(join(work, folder));
    }
    rmdirSync(work);
  };
  try {
    using mapped = maps && hasMaps(maps) ? mapLowers(work, lowers, maps) : undefined;
    const below = mapped?.paths ?? lowers;
    const before = mountTree(below);
    mounted.push(before);
    const after = mountTree([upper, ...below]);
    mounted.push(after);
    return { before, after, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Whether a mount with `metacopy` or `redirect_dir` has left a file or folder whose content is in a layer below. */
function refersBelow(upper: string, overlayXattrs: 'trusted' | 'user'): boolean {
  // With `userxattr` the kernel leaves none, and follows none.
  if (overlayXattrs === 'user') return false;
  const folders: Buffer[] = [Buffer.from(upper)];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    const here = Buffer.concat([path, Buffer.from('/')]);
    const entries = readdirSync(path, { withFileTypes: true, encoding: 'buffer' });
    for (const entry of entries) {
      if (!entry.isDirectory() && !entry.isFile()) continue;
      const child = Buffer.concat([here, entry.name]);
      if (listXattrs(child).some((name) => /^(?:trusted|user)\.overlay\.(?:metacopy|redirect)$/.test(name))) {
        return true;
      }
      if (entry.isDirectory()) folders.push(child);
    }
  }
  return false;
}

// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Change,
  listChanges,
  listUpperChanges,
  type PackOptions,
  packChanges,
  packUpper,
} from '@lading/layer';
import { type DetachedMount, listXattrs, mountDetached } from '@lading/linux';
import { contentFolders, layerFolder, lowerIds } from './layer-folder.ts';
import type { Paths } from './paths.ts';

/** What a layer changes of those below it. */
export async function* changesOf(
  paths: Paths,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Change> {
  const { upper, lowers } = foldersOf(paths, id);
  if (!refersBelow(upper)) yield* listUpperChanges(upper, { lowers, signal });
  else {
    using trees = mountTrees(paths, id);
    yield* listChanges(trees.before.path, trees.after.path, { signal });
  }
}

/** The archive of a layer as its files are now. */
export async function* packLayer(paths: Paths, id: string, options: PackOptions): AsyncGenerator<Uint8Array> {
  const { upper, lowers } = foldersOf(paths, id);
  if (!refersBelow(upper)) yield* packUpper(upper, { ...options, lowers });
  else {
    using trees = mountTrees(paths, id);
    yield* packChanges(trees.before.path, trees.after.path, options);
  }
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
function mountTrees(paths: Paths, id: string): Trees {
  const { upper, lowers } = foldersOf(paths, id);
  // Overlay wants two layers at least.
  const empty = mkdtempSync(join(paths.runLayers, 'empty-'));
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
    rmdirSync(empty);
  };
  try {
    const before = mountTree(lowers);
    mounted.push(before);
    const after = mountTree([upper, ...lowers]);
    mounted.push(after);
    return { before, after, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Whether a mount with `metacopy` or `redirect_dir` has left a file or folder whose content is in a layer below. */
function refersBelow(upper: string): boolean {
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

// SPDX-License-Identifier: Apache-2.0
import type { Folder, Inode } from './tree.ts';

/** What a path leads to, as far as the layers tell that were read. */
export type Resolved =
  | { readonly kind: 'inode'; readonly inode: Inode }
  | { readonly kind: 'folder' | 'missing' | 'not-a-folder' | 'loop' }
  /** A layer below has to tell. */
  | { readonly kind: 'unknown' };

/** As many links as the kernel follows. */
const mostLinks = 40;

/** A folder as the layers have it that were read, the highest first. */
interface Place {
  readonly folders: readonly Folder[];
  /** Whether layers that were not read may have more of it. */
  readonly isOpen: boolean;
}

/**
 * Follows a path and the links on it, none of which leads out, in the trees of layers.
 *
 * @param path each byte of it a character
 * @param layers the highest first
 * @param isComplete whether these are all layers
 */
export function resolvePath(path: string, layers: readonly Folder[], isComplete: boolean): Resolved {
  const way: [Place, ...Place[]] = [shown(layers, !isComplete)];
  const parts = path.split('/').reverse();
  let links = 0;
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (way.length > 1) way.pop();
      continue;
    }
    const found = childOf(way.at(-1) ?? way[0], part);
    if ('folders' in found) {
      way.push(found);
      continue;
    }
    if (found.kind !== 'inode') return found;
    const { target } = found.inode;
    if (target === undefined) return parts.length === 0 ? found : { kind: 'not-a-folder' };
    links += 1;
    if (links > mostLinks) return { kind: 'loop' };
    const next = target.toString('latin1');
    if (next.startsWith('/')) way.splice(1);
    parts.push(...next.split('/').reverse());
  }
  return { kind: 'folder' };
}

/** Layers below one whose folder is opaque show nothing in it. */
function shown(folders: readonly Folder[], isOpen: boolean): Place {
  const last = folders.findIndex(({ isOpaque }) => isOpaque);
  return last < 0 ? { folders, isOpen } : { folders: folders.slice(0, last + 1), isOpen: false };
}

function childOf({ folders, isOpen }: Place, name: string): Place | Resolved {
  const found: Folder[] = [];
  for (const folder of folders) {
    const child = folder.children.get(name);
    if (child === undefined) continue;
    if (child.kind === 'folder') {
      found.push(child);
      continue;
    }
    // A folder replaces what is below and is none.
    if (found.length > 0) return shown(found, false);
    return child.kind === 'gone' ? { kind: 'missing' } : { kind: 'inode', inode: child };
  }
  if (found.length > 0) return shown(found, isOpen);
  return { kind: isOpen ? 'unknown' : 'missing' };
}

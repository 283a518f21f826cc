// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { pathInLayer } from '../entry-path.ts';
import { isEntryXattr } from '../entry-xattrs.ts';
import type { TarEntry } from '../tar-entry.ts';
import { shown } from '../tar-header.ts';
import { isAufsLinkSource, whiteoutKindOf } from '../whiteouts.ts';
import { type Attributes, type Folder, gone, type Inode, newFolder, type TreeBudget } from './tree.ts';

/** The tree that one layer alone would unpack to. */
export interface LayerTree {
  readonly root: Folder;
  /** Takes the next entry; gives what it made, where that has content. */
  add(entry: TarEntry): Inode | undefined;
  /** Takes away what was needed only until the end of the layer. */
  end(): void;
}

/** As many links as the kernel follows on the way. */
const mostLinks = 40;
const aufsFolder = '.wh..wh.plnk';

/**
 * Links on the way to an entry are followed inside of the layer, as they are when it is unpacked in a chroot.
 *
 * @param layer its index, 0 for the lowest
 */
export function createLayerTree(layer: number, budget: TreeBudget): LayerTree {
  const root = newFolder();
  let last: { readonly parent: string; readonly folder: Folder } | undefined;

  /**
   * The folder of a path; missing ones are made, but for one that is only looked for. A whiteout below what is no folder,
   * or in what the layer itself has whited out, has none: it removes nothing.
   */
  const folderAt = (
    path: string,
    entry: TarEntry,
    of: 'entry' | 'whiteout' | 'target',
  ): Folder | undefined => {
    if (last?.parent === path) return last.folder;
    const way: [Folder, ...Folder[]] = [root];
    const parts = path.split('/').reverse();
    let links = 0;
    let ofLinks = 0; // how many parts are those of links
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const isOfLink = ofLinks > 0;
      if (isOfLink) ofLinks -= 1;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (way.length > 1) way.pop();
        continue;
      }
      const here = way.at(-1) ?? root;
      const child = here.children.get(part);
      if (child?.kind === 'folder') way.push(child);
      else if (child?.kind === 'inode' && child.target !== undefined && ++links <= mostLinks) {
        const target = child.target.toString('latin1');
        if (target.startsWith('/')) way.splice(1);
        const added = target.split('/').reverse();
        ofLinks += added.length;
        parts.push(...added);
      } else if (child?.kind === 'inode' || isOfLink) {
        // Nor is anything made where a link leads to nothing.
        if (of !== 'entry') return undefined;
        throw refused(entry, 'ENOTDIR', 'something on the way to it is not a folder');
      } else {
        if (of === 'target' || (of === 'whiteout' && child !== undefined)) return undefined;
        if (part.startsWith('.wh.') && !(part === aufsFolder && here === root)) {
          // In an archive of the tree it would be a removal.
          throw refused(entry, 'RESERVED_NAME', 'names that begin with ".wh." stand for removals');
        }
        budget.node(part);
        const made = newFolder(undefined, child !== undefined);
        here.children.set(part, made);
        way.push(made);
      }
    }
    const folder = way.at(-1) ?? root;
    last = { parent: path, folder };
    return folder;
  };
  const place = (path: string): readonly [parent: string, base: string] => {
    const slash = path.lastIndexOf('/');
    return [path.slice(0, slash), path.slice(slash + 1)];
  };
  const takeWhiteout = (path: Buffer, entry: TarEntry): boolean => {
    const found = whiteoutKindOf(path, entry);
    if (found.kind === 'none') return false;
    if (found.kind === 'ignored') return true;
    const [parent, base] = place((found.kind === 'whiteout' ? found.of : path).toString('latin1'));
    const folder = folderAt(parent, entry, 'whiteout');
    if (folder === undefined) return true;
    if (found.kind === 'opaque') folder.isOpaque = true;
    else {
      budget.node(base);
      folder.children.set(base, gone);
      last = undefined;
    }
    return true;
  };
  const linked = (entry: TarEntry): Inode => {
    const target = pathInLayer(entry.linkName, `hard link ${shown(entry.name)} to`).toString('latin1');
    const [parent, base] = place(target);
    const found = folderAt(parent, entry, 'target')?.children.get(base);
    if (found?.kind === 'inode') return found;
    throw refused(
      entry,
      'TAR_LINK',
      `it is a hard link to ${shown(entry.linkName)}, which is no file of the layer`,
    );
  };

  return {
    root,
    add(entry) {
      const path = pathInLayer(entry.name, 'name');
      if (path.length === 1) return undefined;
      const isLinkSource = entry.type === 'file' && isAufsLinkSource(path);
      if (!isLinkSource && takeWhiteout(path, entry)) return undefined;
      const [parent, base] = place(path.toString('latin1'));
      const { type } = entry;
      const folder = folderAt(parent, entry, 'entry') ?? root;
      const there = folder.children.get(base);
      budget.node(base, entry);
      if (type === 'directory') {
        if (there?.kind === 'folder') there.attributes = attributesOf(entry);
        else {
          folder.children.set(base, newFolder(attributesOf(entry), there?.kind === 'gone'));
          last = undefined;
        }
        return undefined;
      }
      const made = type === 'link' ? linked(entry) : newInode(entry, type, layer);
      folder.children.set(base, made);
      if (there !== undefined) last = undefined;
      return type === 'file' ? made : undefined;
    },
    end() {
      root.children.delete(aufsFolder);
    },
  };
}

function newInode(
  entry: TarEntry,
  type: Exclude<TarEntry['type'], 'link' | 'directory'>,
  layer: number,
): Inode {
  return {
    kind: 'inode',
    ...attributesOf(entry),
    type,
    size: type === 'file' ? entry.size : 0,
    target: type === 'symlink' ? entry.linkName : undefined,
    major: entry.major,
    minor: entry.minor,
    layer,
    offset: 0,
    digest: undefined,
  };
}

function attributesOf({ mode, uid, gid, mtimeNs, xattrs }: TarEntry): Attributes {
  const isPlain = [...xattrs.keys()].every(isEntryXattr);
  return {
    mode: mode & 0o7777,
    uid,
    gid,
    mtimeNs,
    xattrs: isPlain ? xattrs : new Map([...xattrs].filter(([name]) => isEntryXattr(name))),
  };
}

function refused(entry: TarEntry, reason: string, why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `tar: cannot place ${shown(entry.name)}: ${why}`, { reason });
}

// SPDX-License-Identifier: Apache-2.0
import type { TarEntry } from '@lading/layer';

/** What a name in a layer must be on disk. What is undefined is not known, and may be anything. */
export interface TreeNode {
  type: TarEntry['type'] | 'whiteout' | undefined;
  mode?: number | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Whole seconds. */
  mtime?: number | undefined;
  /** Of a file. */
  sizeBytes?: number;
  /** Of a symbolic link; names are bytes, as latin1 text. */
  target?: string;
  /** Of a folder: what the layers below have in it is hidden. */
  isOpaque?: boolean;
  /** Of a folder, by name. */
  readonly children: Map<string, TreeNode>;
}

const prefix = '.wh.';
const opaque = '.wh..wh..opq';
const aufs = '.wh..wh.';
const mostLinks = 40;

/** The tree that one layer's archive makes in an empty folder, in the form of overlay. */
export interface LayerTree {
  readonly root: TreeNode;
  add(entry: TarEntry): void;
}

export function createLayerTree(): LayerTree {
  const root = impliedFolder();

  /** Follows names, and links as if the layer were the root of the file system; makes the folders that are missing. */
  function folderAt(names: readonly string[]): TreeNode | undefined {
    const todo = names.toReversed();
    const way: TreeNode[] = [root];
    let links = 0;
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      const here = way.at(-1) ?? root;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (way.length > 1) way.pop();
        continue;
      }
      let next = here.children.get(name);
      if (next === undefined) {
        next = impliedFolder();
        here.children.set(name, next);
      }
      if (next.type === 'symlink' && next.target !== undefined) {
        links += 1;
        if (links > mostLinks) return undefined;
        if (next.target.startsWith('/')) way.length = 1;
        todo.push(...next.target.split('/').reverse());
      } else if (next.type === 'directory') way.push(next);
      else return undefined;
    }
    return way.at(-1);
  }

  return {
    root,
    add(entry) {
      const names = namesOf(entry.name);
      const name = names.pop();
      if (name === undefined) return; // the root, whose attributes are not taken from an archive
      const folder = folderAt(names);
      if (folder === undefined) return; // inside of something that the layer has whited out
      if (name === opaque) folder.isOpaque = true;
      // Leftovers of AUFS: some tools drop them, others keep a device of that name.
      else if (name.startsWith(aufs)) folder.children.set(name.slice(prefix.length), unknown());
      else if (name.startsWith(prefix)) {
        folder.children.set(name.slice(prefix.length), { type: 'whiteout', children: new Map() });
      } else if (entry.type === 'link') addLink(folder, name, entry);
      else place(folder, name, entry);
    },
  };

  function addLink(folder: TreeNode, name: string, entry: TarEntry): void {
    const names = namesOf(entry.linkName);
    const last = names.pop();
    const target = last === undefined ? undefined : folderAt(names)?.children.get(last);
    if (target !== undefined) agree(target, entry);
    folder.children.set(name, target ?? unknown());
  }
}

/** Folder over folder is one folder; all else takes the place of what was there. */
function place(folder: TreeNode, name: string, entry: TarEntry): void {
  const former = folder.children.get(name);
  const isMerged = entry.type === 'directory' && former?.type === 'directory';
  const { type, mode, uid, gid } = entry;
  const node: TreeNode = {
    type,
    mode: type === 'symlink' ? undefined : mode & 0o7777,
    uid,
    gid,
    mtime: secondsOf(entry),
    ...(type === 'file' && { sizeBytes: entry.size }),
    ...(type === 'symlink' && { target: entry.linkName.toString('latin1') }),
    ...(isMerged && former.isOpaque && { isOpaque: true }),
    children: isMerged ? former.children : new Map(),
  };
  folder.children.set(name, node);
}

/** Tools differ in whether the header of a hard link changes the file: what it says otherwise is left open. */
function agree(node: TreeNode, entry: TarEntry): void {
  if (node.uid !== entry.uid) node.uid = undefined;
  if (node.gid !== entry.gid) node.gid = undefined;
  if (node.mode !== (entry.mode & 0o7777)) node.mode = undefined;
  if (node.mtime !== secondsOf(entry)) node.mtime = undefined;
}

function secondsOf(entry: TarEntry): number {
  return Number(entry.mtimeNs / 1_000_000_000n);
}

/** A folder that is there because of what is in it. */
function impliedFolder(): TreeNode {
  return { type: 'directory', children: new Map() };
}

function unknown(): TreeNode {
  return { type: undefined, children: new Map() };
}

function namesOf(path: Buffer): string[] {
  const names: string[] = [];
  for (const name of path.toString('latin1').split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..') names.pop();
    else names.push(name);
  }
  return names;
}

// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import type { LayerLimits } from '../limits.ts';
import type { TarEntry } from '../tar-entry.ts';
import type { EntryType } from '../tar-header.ts';

/** What a layer says of a file or folder, but for its name. */
export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  readonly xattrs: TarEntry['xattrs'];
}

/** What is no folder. Names that are hard links to each other have the same one. */
export interface Inode extends Attributes {
  readonly kind: 'inode';
  readonly type: Exclude<EntryType, 'directory' | 'link'>;
  readonly size: number;
  /** Where a symbolic link leads to. */
  readonly target: Buffer | undefined;
  readonly major: number;
  readonly minor: number;
  /** In the file of its layer's contents, where they are kept. */
  readonly layer: number;
  offset: number;
  /** Of the content, where it was asked for. */
  digest: Digest | undefined;
}

export interface Folder {
  readonly kind: 'folder';
  /** Nothing where no entry has made it, only what is in it. */
  attributes: Attributes | undefined;
  /** True where it shows nothing of the layers below. */
  isOpaque: boolean;
  /** By name, each byte of it a character. */
  readonly children: Map<string, Node>;
}

/** What the layers below have under this name is gone. */
export interface Gone {
  readonly kind: 'gone';
}

export type Node = Folder | Inode | Gone;

export const gone: Gone = { kind: 'gone' };

/** As the layers are unpacked, the folders that no entry makes. */
export const impliedAttributes: Attributes = {
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtimeNs: 0n,
  xattrs: new Map(),
};

export function newFolder(attributes?: Attributes, isOpaque = false): Folder {
  return { kind: 'folder', attributes, isOpaque, children: new Map() };
}

/** Bytes of names, targets and attributes that are held at a time. The largest images have 30 MB of them. */
const heldBytes = 512 << 20;

/** Counts what a tree holds in memory. @throws LadingError `resource_exhausted` */
export interface TreeBudget {
  node(name: string, entry?: TarEntry): void;
}

export function createTreeBudget({ entries }: Pick<LayerLimits, 'entries'>): TreeBudget {
  let nodes = 0;
  let bytes = 0;
  return {
    node(name, entry) {
      nodes += 1;
      bytes += name.length + (entry?.linkName.length ?? 0);
      for (const [key, value] of entry?.xattrs ?? []) bytes += key.length + value.length;
      if (nodes <= entries && bytes <= heldBytes) return;
      const what = nodes > entries ? `${entries} files` : `${heldBytes} bytes of names and attributes`;
      throw new LadingError(Code.ResourceExhausted, `the layers hold more than the ${what} that are taken`, {
        reason: 'LAYER_LIMIT',
      });
    },
  };
}

/** Every name, in a folder sorted by bytes, each folder before what is in it. */
export function* walk(root: Folder): Generator<readonly [path: string, node: Folder | Inode]> {
  const stack = [{ path: '', children: sorted(root) }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.children.pop();
    if (next === undefined) {
      stack.pop();
      continue;
    }
    const [name, node] = next;
    if (node.kind === 'gone') continue;
    const path = top.path + name;
    yield [path, node];
    if (node.kind === 'folder') stack.push({ path: `${path}/`, children: sorted(node) });
  }
}

/** The last one first, to be popped. */
function sorted({ children }: Folder): [string, Node][] {
  return [...children].sort(([a], [b]) => (a < b ? 1 : -1));
}

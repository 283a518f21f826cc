// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { RootTree } from './read-root.ts';
import { type Folder, type Inode, impliedAttributes, type Node } from './tree.ts';

/** A file or folder of an image. */
export interface RootFile {
  readonly type: Inode['type'] | 'directory';
  /** The twelve bits of permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  /** Of the content of a file, where the tree was read with `digests`. */
  readonly digest?: Digest | undefined;
  /** Where a symbolic link leads to. */
  readonly target?: Uint8Array | undefined;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number] | undefined;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/** What of a file differs. */
export type RootFileChange =
  | 'type'
  | 'mode'
  | 'owner'
  | 'size'
  | 'content'
  | 'link'
  | 'device'
  | 'xattrs'
  | 'time';

/** A name under which two trees have something else. */
export interface RootDifference {
  readonly kind: 'added' | 'removed' | 'changed';
  /** From the root, which has a slash. Bytes need not be UTF-8. */
  readonly path: Uint8Array;
  readonly before?: RootFile | undefined;
  readonly after?: RootFile | undefined;
  /** Empty for what was added or removed. */
  readonly changes: readonly RootFileChange[];
}

/** Options of {@link compareRoots}. */
export interface CompareRootsOptions {
  /** Whether another time of a file is a difference. Default: false, since each build has its own. */
  readonly times?: boolean | undefined;
}

/** Lists in what two trees differ, sorted by the bytes of paths, each folder before what is in it. */
export function* compareRoots(
  before: RootTree,
  after: RootTree,
  { times = false }: CompareRootsOptions = {},
): Generator<RootDifference> {
  type Pair = readonly [path: string, before: Node | undefined, after: Node | undefined];
  const stack: Pair[] = [['', before.folder, after.folder]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [path, a, b] = next;
    if (path !== '') {
      const difference = compared(path, fileOf(a), fileOf(b), times);
      if (difference !== undefined) yield difference;
    }
    const [children, others] = [childrenOf(a), childrenOf(b)];
    const names = [...new Set([...children.keys(), ...others.keys()])].sort().reverse();
    for (const name of names) stack.push([`${path}/${name}`, children.get(name), others.get(name)]);
  }
}

const none: Folder['children'] = new Map();

function childrenOf(node: Node | undefined): Folder['children'] {
  return node?.kind === 'folder' ? node.children : none;
}

function fileOf(node: Node | undefined): RootFile | undefined {
  if (node === undefined || node.kind === 'gone') return undefined;
  if (node.kind === 'folder')
    return { ...(node.attributes ?? impliedAttributes), type: 'directory', sizeBytes: 0 };
  const { type, mode, uid, gid, mtimeNs, xattrs, size, digest, target, major, minor } = node;
  const isDevice = type === 'char' || type === 'block';
  return {
    ...{ type, mode, uid, gid, mtimeNs, xattrs, sizeBytes: size, digest, target },
    device: isDevice ? [major, minor] : undefined,
  };
}

function compared(
  text: string,
  before: RootFile | undefined,
  after: RootFile | undefined,
  times: boolean,
): RootDifference | undefined {
  const path = Buffer.from(text, 'latin1');
  if (before === undefined) return { kind: 'added', path, after, changes: [] };
  if (after === undefined) return { kind: 'removed', path, before, changes: [] };
  const changes = changesOf(before, after, times);
  return changes.length === 0 ? undefined : { kind: 'changed', path, before, after, changes };
}

function changesOf(a: RootFile, b: RootFile, times: boolean): readonly RootFileChange[] {
  const differs: readonly (readonly [RootFileChange, boolean])[] = [
    ['type', a.type !== b.type],
    // Linux has no permissions of symbolic links; tools write what they like.
    ['mode', a.mode !== b.mode && !(a.type === 'symlink' && b.type === 'symlink')],
    ['owner', a.uid !== b.uid || a.gid !== b.gid],
    ['size', a.type === b.type && a.sizeBytes !== b.sizeBytes],
    ['content', a.type === b.type && a.digest !== b.digest],
    ['link', a.type === b.type && !sameBytes(a.target, b.target)],
    ['device', a.type === b.type && String(a.device) !== String(b.device)],
    ['xattrs', !sameXattrs(a.xattrs, b.xattrs)],
    ['time', times && a.mtimeNs !== b.mtimeNs],
  ];
  return differs.filter(([, is]) => is).map(([change]) => change);
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);
}

function sameXattrs(a: RootFile['xattrs'], b: RootFile['xattrs']): boolean {
  return a.size === b.size && [...a].every(([name, value]) => sameBytes(value, b.get(name)));
}

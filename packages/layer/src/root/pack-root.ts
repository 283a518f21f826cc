// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { LayerSource } from '../layer-source.ts';
import { type PackOptions, timeCutter } from '../pack-options.ts';
import { archiveOf, type PackItem } from '../tar-archive.ts';
import { untilAborted } from '../until-aborted.ts';
import { type ContentsReader, createContentsReader } from './kept-contents.ts';
import type { RootTree } from './read-root.ts';
import { type Attributes, type Inode, impliedAttributes, walk } from './tree.ts';

/** Options of {@link packRoot}. */
export type PackRootOptions = Pick<PackOptions, 'mtime' | 'signal'>;

/** Larger files are read in pieces. */
const smallBytes = 128 << 10;

/**
 * The tar of a tree that was read with a `contentFolder`, which is to stay until the tar has been read: names sorted by
 * bytes, each folder right before what is in it. The same tree gives the same bytes.
 *
 * @throws LadingError `failed_precondition` for a tree without the contents of its files
 */
export function packRoot(
  tree: RootTree,
  options: PackRootOptions = {},
): AsyncGenerator<Uint8Array> & LayerSource {
  return untilAborted(archiveOf(itemsOf(tree, options), options.signal), options.signal);
}

async function* itemsOf(
  { folder, contentFolder }: RootTree,
  { mtime }: PackRootOptions,
): AsyncGenerator<PackItem> {
  if (contentFolder === undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      'the tree has no contents of files; read it with a contentFolder',
    );
  }
  const cut = timeCutter({ mtime, timePrecision: 'nanosecond' });
  const firstNames = new Map<Inode, Buffer>();
  await using contents = createContentsReader(contentFolder);
  for (const [path, node] of walk(folder)) {
    if (node.kind === 'folder') {
      const name = Buffer.from(`${path}/`, 'latin1');
      yield { ...common(node.attributes ?? impliedAttributes, cut), name, type: 'directory', size: 0 };
      continue;
    }
    const name = Buffer.from(path, 'latin1');
    const linkName = firstNames.get(node);
    if (linkName === undefined) {
      firstNames.set(node, name);
      yield await itemOf(node, name, cut, contents);
    } else {
      // What links say again of the file: Go's tools set it anew at each.
      yield { ...common({ ...node, xattrs: noXattrs }, cut), name, linkName, type: 'link', size: 0 };
    }
  }
}

const noXattrs: Attributes['xattrs'] = new Map();

function common({ mode, uid, gid, mtimeNs, xattrs }: Attributes, cut: (timeNs: bigint) => bigint) {
  return { mode, uid, gid, mtimeNs: cut(mtimeNs), xattrs };
}

async function itemOf(
  inode: Inode,
  name: Buffer,
  cut: (timeNs: bigint) => bigint,
  contents: ContentsReader,
): Promise<PackItem> {
  const { type, size, target, major, minor } = inode;
  const item = { ...common(inode, cut), name, type, size };
  if (type === 'symlink') return { ...item, linkName: target ?? Buffer.alloc(0) };
  if (type === 'char' || type === 'block') return { ...item, major, minor };
  if (size === 0) return item;
  return size <= smallBytes
    ? { ...item, content: { kind: 'bytes', bytes: await contents.bytes(inode) } }
    : { ...item, content: { kind: 'stream', open: () => contents.chunks(inode) } };
}

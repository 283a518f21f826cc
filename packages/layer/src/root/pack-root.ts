// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { LayerSource } from '../layer-source.ts';
import { type PackOptions, timeCutter } from '../pack-options.ts';
import { nextContent, type ReadLayerOptions, readLayer } from '../read-layer.ts';
import { archiveOf, type PackItem } from '../tar-archive.ts';
import { untilAborted } from '../until-aborted.ts';
import type { RootLayer, RootTree } from './read-root.ts';
import { type Attributes, type Inode, impliedAttributes, walk } from './tree.ts';

/** Options of {@link packRoot}. */
export interface PackRootOptions
  extends Pick<PackOptions, 'mtime' | 'signal'>,
    Pick<ReadLayerOptions, 'limits'> {}

/**
 * The tar of a tree that {@link readRoot} gave for these layers, which are read once more for what files hold. Folders,
 * links and other things without content come first, then files, those of the lowest layer before others. The same
 * layers give the same bytes.
 */
export function packRoot(
  tree: RootTree,
  layers: readonly RootLayer[],
  options: PackRootOptions = {},
): AsyncGenerator<Uint8Array> & LayerSource {
  const archive = archiveOf(itemsOf(tree, layers, options), options.signal);
  const chunks = untilAborted(archive, options.signal);
  return Object.assign(chunks, { recycle: (chunk: Uint8Array) => archive.recycle?.(chunk) });
}

async function* itemsOf(
  { folder }: RootTree,
  layers: readonly RootLayer[],
  { limits, signal, mtime }: PackRootOptions,
): AsyncGenerator<PackItem> {
  const cut = timeCutter({ mtime, timePrecision: 'nanosecond' });
  const files = layers.map(() => new Map<number, { readonly inode: Inode; readonly names: Buffer[] }>());
  const links = new Map<Inode, Buffer>();
  for (const [path, node] of walk(folder)) {
    if (node.kind === 'folder') {
      const name = Buffer.from(`${path}/`, 'latin1');
      yield { ...common(node.attributes ?? impliedAttributes, cut), name, type: 'directory', size: 0 };
      continue;
    }
    const name = Buffer.from(path, 'latin1');
    if (node.size > 0) {
      const ofLayer = files[node.layer];
      const known = ofLayer?.get(node.ordinal);
      if (known === undefined) ofLayer?.set(node.ordinal, { inode: node, names: [name] });
      else known.names.push(name);
      continue;
    }
    const first = links.get(node);
    links.set(node, first ?? name);
    yield first === undefined ? itemOf(node, name, cut) : linkItem(node, name, first, cut);
  }
  links.clear();
  for (const [i, layer] of layers.entries()) {
    const wanted = files[i];
    if (wanted === undefined || wanted.size === 0) continue;
    const events = readLayer(layer.open(signal), { diffId: layer.diffId, limits, signal });
    let ordinal = -1;
    try {
      for (let next = await events.next(); !next.done; next = await events.next()) {
        if (next.value.kind !== 'entry') continue;
        ordinal += 1;
        const file = wanted.get(ordinal);
        const [first, ...others] = file?.names ?? [];
        if (file === undefined || first === undefined) continue;
        yield {
          ...itemOf(file.inode, first, cut),
          content: { kind: 'stream', open: () => nextContent(events) },
        };
        for (const name of others) yield linkItem(file.inode, name, first, cut);
        wanted.delete(ordinal);
      }
    } finally {
      await events.return(undefined);
    }
    if (wanted.size > 0) {
      throw new LadingError(Code.DataLoss, `layer ${i + 1} is another than it was when its tree was read`);
    }
  }
}

function common({ mode, uid, gid, mtimeNs, xattrs }: Attributes, cut: (timeNs: bigint) => bigint) {
  return { mode, uid, gid, mtimeNs: cut(mtimeNs), xattrs };
}

function itemOf(inode: Inode, name: Buffer, cut: (timeNs: bigint) => bigint): PackItem {
  const { type, size, target, major, minor } = inode;
  return {
    ...common(inode, cut),
    name,
    type,
    size,
    ...(target === undefined ? {} : { linkName: target }),
    ...(type === 'char' || type === 'block' ? { major, minor } : {}),
  };
}

/** What links say again of the file: Go's tools set it anew at each. */
function linkItem(inode: Inode, name: Buffer, first: Buffer, cut: (timeNs: bigint) => bigint): PackItem {
  const { mode, uid, gid, mtimeNs } = inode;
  return { mode, uid, gid, mtimeNs: cut(mtimeNs), name, linkName: first, type: 'link', size: 0 };
}

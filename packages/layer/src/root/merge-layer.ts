// SPDX-License-Identifier: Apache-2.0
import { type Folder, type Node, newFolder } from './tree.ts';

/**
 * Puts a layer on top of the tree of those below, as overlay shows them. Nodes of the layer become nodes of the tree.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#applying-changesets
 */
export function mergeLayer(tree: Folder, layer: Folder): void {
  const left: [below: Folder, above: Folder][] = [[tree, layer]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [below, above] = next;
    below.attributes = above.attributes ?? below.attributes;
    if (above.isOpaque) below.children.clear();
    for (const [name, node] of above.children) {
      const there = below.children.get(name);
      if (node.kind === 'gone') below.children.delete(name);
      else if (node.kind === 'inode') below.children.set(name, node);
      else if (there?.kind === 'folder') left.push([there, node]);
      else {
        const fresh = newFolder(node.attributes);
        below.children.set(name, fresh);
        left.push([fresh, node]);
      }
    }
  }
}

/** A tree that can be changed while the other one stays as it is. What is no folder is shared. */
export function copyTree(tree: Folder): Folder {
  const copy = newFolder(tree.attributes);
  const left: [Folder, Folder][] = [[tree, copy]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [from, to] = next;
    for (const [name, node] of from.children) {
      const copied: Node = node.kind === 'folder' ? newFolder(node.attributes) : node;
      to.children.set(name, copied);
      if (node.kind === 'folder' && copied.kind === 'folder') left.push([node, copied]);
    }
  }
  return copy;
}

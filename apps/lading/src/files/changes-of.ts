// SPDX-License-Identifier: Apache-2.0
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { type Change, listChanges } from '@lading/layer';

/** A container or an image, whose files are looked at. */
export interface Tree {
  readonly kind: 'container' | 'image';
  readonly id: string;
}

/** @throws NotFound */
export async function findTree(
  { containers, images }: Engine,
  name: string,
  kinds: readonly Tree['kind'][],
): Promise<Tree> {
  if (kinds.includes('container') && (await containers.exists(name))) {
    return { kind: 'container', id: (await containers.inspect(name)).id };
  }
  const image = kinds.includes('image') ? await images.find(name) : undefined;
  if (image !== undefined) return { kind: 'image', id: image.id };
  if (!kinds.includes('image')) {
    throw new LadingError(Code.NotFound, `no container with name or ID "${name}" found: no such container`);
  }
  throw new LadingError(Code.NotFound, `${name} not found: layer not known`);
}

/** What the first one has changed: of the second one, or of what is below its own layer. */
export async function* changesOf(
  { store }: Engine,
  [tree, before]: readonly Tree[],
  signal: AbortSignal,
): AsyncGenerator<Change> {
  if (tree === undefined) return;
  if (before !== undefined) {
    await using one = await mounted(store, before);
    await using other = await mounted(store, tree);
    yield* listChanges(one.folder, other.folder, { signal });
  } else if (tree.kind === 'container') yield* store.containers.changes(tree.id, { signal });
  else {
    const top = (await store.images.find(tree.id))?.topLayer;
    if (top !== undefined) yield* store.layers.changes(top, { signal });
  }
}

async function mounted(
  store: Engine['store'],
  { kind, id }: Tree,
): Promise<AsyncDisposable & { readonly folder: string }> {
  const those = kind === 'container' ? store.containers : store.images;
  const folder = await those.mount(id);
  return { folder, [Symbol.asyncDispose]: () => those.unmount(id) };
}

// SPDX-License-Identifier: Apache-2.0
import type { ImageConfig } from '@lading/image-spec';
import type { ImageRecord, Store } from '@lading/storage';

/** The images without a name that this one alone was made from, the nearest first: nobody could miss them when it is gone. */
export async function namelessParents(
  { images, layers, containers }: Store,
  image: ImageRecord,
  configOf: (image: ImageRecord) => Promise<ImageConfig>,
): Promise<readonly ImageRecord[]> {
  const [all, layerRecords, users] = await Promise.all([images.list(), layers.list(), containers.list()]);
  const below = new Map(layerRecords.map(({ id, parent }) => [id, parent]));
  const parents: ImageRecord[] = [];
  for (let child = image; ; ) {
    const layer = below.get(child.topLayer ?? '');
    const [parent, ...others] = all.filter(({ topLayer }) => topLayer !== undefined && topLayer === layer);
    if (parent === undefined || others.length > 0 || parent.names.length > 0 || parent.readOnly) break;
    const children = layerRecords.filter((other) => other.parent === layer);
    const isUsed =
      children.length > 1 ||
      all.some(({ id, topLayer }) => topLayer === child.topLayer && id !== child.id) ||
      users.some(({ imageId }) => imageId === parent.id) ||
      (await images.mountpoint(parent.id)) !== undefined;
    if (isUsed || !isMadeFrom(await configOf(child), await configOf(parent))) break;
    parents.push(parent);
    child = parent;
  }
  return parents;
}

/** Layers alone do not tell: what was pulled may be on top of the same. */
function isMadeFrom({ history: all = [] }: ImageConfig, { history: first = [] }: ImageConfig): boolean {
  return first.length < all.length && JSON.stringify(all.slice(0, first.length)) === JSON.stringify(first);
}

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { parseManifest } from '@lading/image-spec';
import { readData, writeItem } from './big-data.ts';
import type { StoreContext } from './context.ts';
import { createImage } from './create-image.ts';
import { withEdit } from './edit-record.ts';
import { findRecord, known } from './find-record.ts';
import { holdLock } from './hold-lock.ts';
import { checkId, shortId } from './ids.ts';
import { manifestKey, removeOrphanData } from './image-data.ts';
import { imageFolder, imageFolders } from './image-folder.ts';
import { checkName, withNames } from './image-names.ts';
import { removeLayers } from './layer-ledger.ts';
import type { Records } from './ledger.ts';
import { mountedPaths } from './mounted.ts';
import { isLayerMounted, mountLayer, mountpointOf, unmountLayer, unmountNow } from './mounts.ts';
import { makeFolder } from './paths.ts';
import {
  copyImage,
  everyImage,
  findImage,
  findReadOnlyImage,
  type LocatedImage,
} from './read-only-stores.ts';
import type { ImageRecord } from './records.ts';
import { removeTree } from './remove-tree.ts';
import { openTrash } from './trash.ts';
import type { CallOptions, Images } from './types.ts';
import { type LayerUsers, userOfLayer } from './users-of-layer.ts';

export function createImages(context: StoreContext): Images {
  const { paths, layers, images, containers } = context;

  async function data(id: string, key: string, { signal }: CallOptions): Promise<Uint8Array | undefined> {
    const read = async (): Promise<LocatedImage> => known(await findImage(context, id, signal), id, 'image');
    const { image, home } = await read();
    try {
      return await readData(imageFolder(home, id), image, key, `image ${shortId(id)}`);
    } catch (error) {
      // It may have been removed or replaced in this moment: then the record says so.
      if ((await read()).image === image) throw error;
      return data(id, key, { ...(signal && { signal }) });
    }
  }

  async function manifestOf(id: string, options: CallOptions): Promise<Uint8Array> {
    const bytes = await data(id, manifestKey, options);
    if (bytes !== undefined) return bytes;
    throw new LadingError(Code.NotFound, `image ${shortId(id)} has no manifest; pull it again`, {
      reason: 'MANIFEST_UNKNOWN',
    });
  }

  /** An image that can be changed. */
  async function ownImage(
    open: Records<ImageRecord>,
    id: string,
    signal: AbortSignal | undefined,
  ): Promise<ImageRecord> {
    const own = open.get(id);
    if (own !== undefined || (await findReadOnlyImage(context, id, signal)) === undefined)
      return known(own, id, 'image');
    throw new LadingError(
      Code.FailedPrecondition,
      `image ${shortId(id)} is in a store that is only read; give it a name to have it in this one`,
      { reason: 'IMAGE_READ_ONLY' },
    );
  }

  async function topLayerOf(id: string, signal: AbortSignal | undefined): Promise<string> {
    const { topLayer } = known(await findImage(context, id, signal), id, 'image').image;
    if (topLayer !== undefined) return topLayer;
    throw new LadingError(
      Code.FailedPrecondition,
      `image ${shortId(id)} has no layers; there is nothing to mount`,
    );
  }

  return {
    list: async ({ signal } = {}) => everyImage(context, await images.read(signal), signal),
    async find(ref, { signal } = {}) {
      const own = find(await images.read(signal), ref);
      if (own !== undefined) return own;
      for (const other of context.readOnlyStores) {
        const found = find(await other.images.read(signal), ref);
        if (found !== undefined) return { ...found, readOnly: true };
      }
      return undefined;
    },
    create: (image, { signal } = {}) => createImage(context, image, signal),
    addName(id, name, { signal } = {}) {
      return images.writing(signal, async (open) => {
        checkName(name);
        if (open.get(id) === undefined) await copyImage(context, open, id, signal);
        await open.save(withNames(open.all, id, [name]));
        return known(open.get(id), id, 'image');
      });
    },
    removeName(id, name, { signal } = {}) {
      return images.writing(signal, async (open) => {
        const image = await ownImage(open, id, signal);
        if (!image.names.includes(name)) {
          throw new LadingError(Code.NotFound, `image ${shortId(id)} has no name "${name}"`, {
            reason: 'NAME_UNKNOWN',
          });
        }
        const left = { ...image, names: image.names.filter((other) => other !== name) };
        await open.save(open.all.map((other) => (other === image ? left : other)));
        return left;
      });
    },
    async delete(id, { force = false, signal } = {}) {
      await using trash = await openTrash(paths);
      return await layers.writing(signal, (openLayers) =>
        images.writing(signal, (openImages) =>
          containers.reading(signal, async (openContainers) => {
            const image = await ownImage(openImages, id, signal);
            const user = openContainers.all.find(({ imageId }) => imageId === id);
            if (user !== undefined && !force) {
              throw new LadingError(
                Code.FailedPrecondition,
                `image ${image.names[0] ?? shortId(id)} is in use by container ${user.names[0] ?? user.id}; remove that first, or the image by force`,
                { reason: 'IMAGE_IN_USE', details: { container: user.id } },
              );
            }
            let mounted = mountedPaths();
            const isMounted = (layer: string): boolean => isLayerMounted(paths, layer, mounted);
            const { topLayer } = image;
            if (topLayer !== undefined && isMounted(topLayer)) {
              if (!force) {
                throw new LadingError(
                  Code.FailedPrecondition,
                  `image ${image.names[0] ?? shortId(id)} is mounted; unmount it, or remove it by force`,
                  { reason: 'IMAGE_IN_USE' },
                );
              }
              await context.mountpoints.writing(signal, (points) => unmountNow(context, points, topLayer));
              mounted = mountedPaths();
            }
            await removeOrphanData(paths, openImages);
            // First, so that a crash leaves layers that nothing needs rather than an image without layers.
            await openImages.save(openImages.all.filter((other) => other !== image));
            const users = { paths, layers: openLayers, images: openImages, containers: openContainers };
            const gone = freedBy(image, users, isMounted);
            if (gone.size > 0) await removeLayers(paths, openLayers, gone, trash);
            for (const folder of imageFolders(paths)) await removeTree(join(folder, id));
            return [...gone];
          }),
        ),
      );
    },
    readManifest: (id, options = {}) => manifestOf(id, options),
    async readConfig(id, options = {}) {
      const usual = await data(id, `sha256:${id}`, options);
      if (usual !== undefined) return usual;
      const { digest } = parseManifest(await manifestOf(id, options)).config;
      const bytes = await data(id, digest, options);
      if (bytes !== undefined) return bytes;
      throw new LadingError(
        Code.DataLoss,
        `image ${shortId(id)} misses its config ${digest}; pull it again`,
        {
          reason: 'STORE_DAMAGED',
        },
      );
    },
    async mount(id, { signal } = {}) {
      return mountLayer(context, await topLayerOf(id, signal), { isReadOnly: true, signal });
    },
    async unmount(id, { force = false, signal } = {}) {
      await unmountLayer(context, await topLayerOf(id, signal), { force, signal });
    },
    async mountpoint(id, { signal } = {}) {
      const { topLayer } = known(await findImage(context, id, signal), id, 'image').image;
      return topLayer === undefined ? undefined : mountpointOf(context, topLayer, signal);
    },
    async size(id, { signal } = {}) {
      const { imageSize } = await import('./sizes.ts');
      return imageSize(context, known(await findImage(context, id, signal), id, 'image').image, signal);
    },
    async usage({ signal } = {}) {
      const { imageUsage } = await import('./sizes.ts');
      return imageUsage(context, signal);
    },
    edit: (id, edit, { signal } = {}) =>
      images.writing(signal, async (open) => {
        edit.names?.map(checkName);
        const image = await ownImage(open, id, signal);
        const edited = edit.names === undefined ? image : { ...image, names: [] };
        const all = open.all.map((other) => (other === image ? withEdit(edited, edit) : other));
        await open.save(withNames(all, id, edit.names ?? []));
        return known(open.get(id), id, 'image');
      }),
    setBigData: (id, key, bytes, { signal } = {}) =>
      images.writing(signal, async (open) => {
        const image = await ownImage(open, id, signal);
        const withItem = await writeItem(imageFolder(paths, id), image, key, bytes);
        const isManifest = key.startsWith(manifestKey);
        const digest = image.digest ?? (isManifest ? withItem.bigDataDigests[key] : undefined);
        const record = { ...withItem, digest };
        await open.save(open.all.map((other) => (other === image ? record : other)));
        return record;
      }),
    bigData: (id, key, options = {}) => data(id, key, options),
    async exclusively(id, work, { signal } = {}) {
      makeFolder(paths.locks, 0o700);
      // The name that other tools give it. It stays, as they may be waiting for this very file.
      const path = join(paths.locks, `sha256:${checkId(id, 'an image')}`);
      return holdLock(path, { mode: 'exclusive', signal }, work);
    },
  };
}

function find(records: Records<ImageRecord>, ref: string): ImageRecord | undefined {
  const named = records.named(ref);
  if (named !== undefined) return named;
  const byDigest = ref.startsWith('sha') && ref.includes(':') ? manifestOwner(records, ref) : undefined;
  return byDigest ?? findRecord(records, ref.replace(/^sha256:/, ''), 'image');
}

function manifestOwner(records: Records<ImageRecord>, digest: string): ImageRecord | undefined {
  return records.all.find(
    (image) =>
      image.digest === digest ||
      image.bigDataNames.some((key) => key.startsWith(manifestKey) && image.bigDataDigests[key] === digest),
  );
}

/** Layers that nothing needs when an image is gone: from the top down to the first that something needs. */
function freedBy(
  image: ImageRecord,
  users: LayerUsers,
  isMounted: (layer: string) => boolean,
): ReadonlySet<string> {
  const gone = new Set<string>();
  for (const top of [...image.mappedLayers, image.topLayer]) {
    for (let id = top; id !== undefined && !gone.has(id); ) {
      const layer = users.layers.get(id);
      if (layer === undefined || userOfLayer(id, users, gone) !== undefined || isMounted(id)) break;
      gone.add(id);
      id = layer.parent;
    }
  }
  return gone;
}

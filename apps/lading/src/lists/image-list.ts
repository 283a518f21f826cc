// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestBytes, encodeJson, type Index, isDigest, parseIndex } from '@lading/image-spec';
import { localName } from '../images/local-name.ts';
import { asWritten } from './edit-list.ts';

/** A list of images, as podman and buildah keep it in the local store: its index, and where each image is. */
export interface ImageList {
  readonly id: string;
  readonly index: Index;
  /** `docker://HOST/PATH:TAG` and the like, by the digests of manifests. */
  readonly places: ReadonlyMap<Digest, string>;
}

const placesKey = 'instances.json';

/** @throws NotFound; FailedPrecondition for an image that is no list */
export async function findList({ images, store }: Engine, ref: string): Promise<ImageList> {
  const image = await images.find(ref, { keepLists: true });
  if (image === undefined) throw new LadingError(Code.NotFound, `${ref}: image not known`);
  if (!image.isList) {
    throw new LadingError(
      Code.FailedPrecondition,
      `${image.names[0] ?? image.id}: image is not a manifest list`,
    );
  }
  const index = parseIndex(await store.images.readManifest(image.id));
  const bytes = await store.images.bigData(image.id, placesKey);
  return { id: image.id, index, places: bytes === undefined ? new Map() : readPlaces(bytes) };
}

/** @throws AlreadyExists for the name of an image that is there */
export async function createList({ images, store }: Engine, name: string): Promise<ImageList> {
  const full = localName(name);
  const other = (await images.list()).find(({ names }) => names.includes(full));
  if (other !== undefined) {
    throw new LadingError(
      Code.AlreadyExists,
      `creating image to hold manifest list: image name "${full}" is already associated with image "${other.id}": that name is already in use`,
    );
  }
  const list = { id: randomBytes(32).toString('hex'), index: emptyIndex, places: new Map<Digest, string>() };
  const bytes = encodeJson(asWritten(list.index));
  const digest = await digestBytes(bytes);
  await store.images.create({
    id: list.id,
    names: [full],
    digest,
    manifests: [{ digest, bytes }],
    data: new Map([[placesKey, encodePlaces(list)]]),
    metadata: '',
  });
  return list;
}

/** Changes a list, while no other program does. */
export function editList(
  engine: Engine,
  { id }: Pick<ImageList, 'id'>,
  edit: (list: ImageList) => ImageList,
  signal: AbortSignal,
): Promise<void> {
  const { images } = engine.store;
  return images.exclusively(
    id,
    async () => {
      const edited = edit(await findList(engine, id));
      // In this order a place is known before the list speaks of it.
      await images.setBigData(id, placesKey, encodePlaces(edited), { signal });
      await images.setBigData(id, 'manifest', encodeJson(asWritten(edited.index)), { signal });
    },
    { signal },
  );
}

const emptyIndex: Index = { schemaVersion: 2, manifests: [] };

function readPlaces(bytes: Uint8Array): ReadonlyMap<Digest, string> {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString());
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).filter(
      (entry): entry is [Digest, string] => isDigest(entry[0]) && typeof entry[1] === 'string',
    ),
  );
}

/** The empty key is that of the list itself, in the words of other tools. */
function encodePlaces({ id, places }: ImageList): Uint8Array {
  return encodeJson(places.size === 0 ? {} : { '': id, ...Object.fromEntries(places) });
}

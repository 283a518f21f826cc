// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { parseReference } from '@lading/image-spec';
import type { ImageRecord } from '@lading/storage';
import type { StoredImageName } from './storage-reference.ts';
import type { ImageStore } from './store.ts';

/**
 * The image of the store that is meant: by its ID, which a name must fit that stands with it; by its name; or by a
 * digest, of an image with another tag of the same repository.
 *
 * @throws NotFound (`MANIFEST_UNKNOWN`)
 */
export async function findStoredImage(
  { images }: Pick<ImageStore, 'images'>,
  { name, id, possibleId }: StoredImageName,
): Promise<ImageRecord> {
  const shown = [name, id].filter((part) => part !== undefined).join('@');
  const missing = (why = ''): LadingError =>
    new LadingError(Code.NotFound, `no image ${shown} in the local store${why}`, {
      reason: 'MANIFEST_UNKNOWN',
    });
  const byId = await startingWith(images, id ?? possibleId);
  if (byId !== undefined) {
    if (id === undefined || name === undefined || hasRepository(byId, name)) return byId;
    throw missing(`: ${byId.id.slice(0, 12)} has other names`);
  }
  if (name === undefined || id !== undefined) throw missing();
  const named = await images.find(name);
  if (named !== undefined) return named;
  const { digest } = parseReference(name);
  if (digest === undefined) throw missing();
  const found = (await images.list()).find(
    (image) =>
      (image.digest === digest || image.bigDataNames.includes(`manifest-${digest}`)) &&
      hasRepository(image, name),
  );
  if (found !== undefined) return found;
  throw missing();
}

async function startingWith(
  images: ImageStore['images'],
  id: string | undefined,
): Promise<ImageRecord | undefined> {
  if (id === undefined) return undefined;
  try {
    const found = await images.find(id);
    return found?.id.startsWith(id) ? found : undefined;
  } catch (error) {
    if (hasCode(error, Code.InvalidArgument)) return undefined; // the start of several
    throw error;
  }
}

function hasRepository({ names }: ImageRecord, name: string): boolean {
  const { host, repository } = parseReference(name);
  const start = `${host}/${repository}`;
  return names.some(
    (other) => other === start || (/^[:@]/.test(other.slice(start.length)) && other.startsWith(start)),
  );
}

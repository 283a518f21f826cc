// SPDX-License-Identifier: Apache-2.0
import type { Engine, ImageInfo } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { formatReference, parseFamiliarReference, withDefaultTag } from '@lading/image-spec';

/** An image that a user asked for, and the name by which it was found; none where that was its id. */
export interface StoredImage {
  readonly image: ImageInfo;
  readonly name: string | undefined;
}

/** @throws NotFound */
export async function findStored(engine: Engine, ref: string): Promise<StoredImage> {
  const image = await engine.images.find(ref);
  if (image === undefined) throw new LadingError(Code.NotFound, `${ref}: image not known`);
  if (image.id.startsWith(ref.replace(/^sha256:/, ''))) return { image, name: undefined };
  const tagged = `/${formatReference(withDefaultTag(parseFamiliarReference(ref))).replace(/^docker\.io\/(library\/)?/, '')}`;
  return { image, name: image.names.find((name) => `/${name}`.endsWith(tagged)) ?? image.names[0] };
}

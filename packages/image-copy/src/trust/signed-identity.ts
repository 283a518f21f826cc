// SPDX-License-Identifier: Apache-2.0
import type { SignedIdentity } from '@lading/config';
import { LadingError } from '@lading/errors';
import { formatReference, parseFamiliarReference, parseReference, type Reference } from '@lading/image-spec';

/** Whether a signature for the name `signed` is one for the image that is known as `image`. */
export function matchesIdentity(
  identity: SignedIdentity,
  image: Reference | undefined,
  signed: string,
): boolean {
  const signature = parsed(() => parseFamiliarReference(signed));
  if (signature === undefined) return false;
  switch (identity.type) {
    case 'exactReference':
      return isExact(
        parsed(() => parseFamiliarReference(identity.dockerReference)),
        signature,
      );
    case 'exactRepository':
      return isSameName(
        parsed(() => parseFamiliarReference(identity.dockerRepository)),
        signature,
      );
    case 'matchExact':
      return isExact(image, signature);
    case 'matchRepository':
      return isSameName(image, signature);
    case 'matchRepoDigestOrExact':
      return isDigestOrExact(image, signature);
    case 'remapIdentity':
      return image !== undefined && isDigestOrExact(remapped(image, identity), signature);
  }
}

function parsed(read: () => Reference): Reference | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LadingError) return undefined;
    throw error;
  }
}

function nameOf({ host, repository }: Reference): string {
  return `${host}/${repository}`;
}

function isNameOnly({ tag, digest }: Reference): boolean {
  return tag === undefined && digest === undefined;
}

function isSameName(a: Reference | undefined, b: Reference): boolean {
  return a !== undefined && nameOf(a) === nameOf(b);
}

/** No tag is filled in: a signature without one is for no certain image. */
function isExact(a: Reference | undefined, b: Reference): boolean {
  return a !== undefined && !isNameOnly(a) && !isNameOnly(b) && formatReference(a) === formatReference(b);
}

function isDigestOrExact(image: Reference | undefined, signature: Reference): boolean {
  if (image === undefined || isNameOnly(signature)) return false;
  if (image.tag !== undefined) return isExact(image, signature);
  // The digest of the signed text is compared with the manifest's elsewhere, so the tag may be any.
  return image.digest !== undefined && isSameName(image, signature);
}

function remapped(image: Reference, { prefix, signedPrefix }: { prefix: string; signedPrefix: string }) {
  const name = nameOf(image);
  if (name !== prefix && !name.startsWith(`${prefix}/`)) return image;
  const text = signedPrefix + formatReference(image).slice(prefix.length);
  return parsed(() => parseReference(text));
}

// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Image } from './image.ts';

/**
 * How many layers of an image, from the lowest up, are those of its base. They are compared uncompressed: a copy may
 * have compressed them anew.
 *
 * @throws FailedPrecondition (`BASE_MISMATCH`) where the base is not what the image begins with
 */
export function countBaseLayers(image: Image, base: Image): number {
  const ownIds = image.config.rootfs.diff_ids;
  const baseIds = base.config.rootfs.diff_ids;
  const differing = baseIds.findIndex((diffId, i) => diffId !== ownIds[i]);
  if (differing < 0) return baseIds.length;
  throw new LadingError(
    Code.FailedPrecondition,
    `${image.reference} is not made on ${base.reference}: layer ${differing + 1} differs`,
    { reason: 'BASE_MISMATCH' },
  );
}

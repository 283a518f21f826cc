// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { parseReference } from '@lading/image-spec';
import type { ImageRecord } from './records.ts';

/**
 * Records in which an image has more names, newest first. A name belongs to one image: in the same save it is taken
 * from the image that had it.
 */
export function withNames(
  records: readonly ImageRecord[],
  id: string,
  names: readonly string[],
): readonly ImageRecord[] {
  if (names.length === 0) return records;
  return records.map((image) => {
    if (image.id === id) {
      return {
        ...image,
        names: unique([...names, ...image.names]),
        namesHistory: unique([...names, ...image.namesHistory]),
      };
    }
    const left = image.names.filter((name) => !names.includes(name));
    return left.length === image.names.length ? image : { ...image, names: left };
  });
}

/** @throws LadingError `invalid_argument` for a name that is no full reference with a tag or a digest */
export function checkName(name: string): string {
  const { tag, digest } = parseReference(name);
  if (tag !== undefined || digest !== undefined) return name;
  throw new LadingError(
    Code.InvalidArgument,
    `"${name}" cannot be the name of an image: it needs a tag, as in ${name}:latest`,
  );
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

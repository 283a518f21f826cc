// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import type { ImageInfo } from '@lading/engine';
import { splitPair } from '../options/key-value.ts';

/** An image and the names of it that are shown. */
export interface ShownImage {
  readonly image: ImageInfo;
  readonly names: readonly (string | undefined)[];
}

/** The names that match all filters; `reference` is a name, a part of one, or a pattern with `*` and `?`. */
export function filterImages(
  images: readonly ImageInfo[],
  filters: readonly string[],
  reference: string | undefined,
): ShownImage[] {
  let shown: ShownImage[] = images.map((image) => ({
    image,
    names: image.names.length === 0 ? [undefined] : image.names,
  }));
  if (reference !== undefined) shown = byReference(shown, reference);
  for (const filter of filters) {
    const [key, value] = splitPair(filter);
    if (value === undefined)
      throw usageError(`invalid image filter ${filter}: must be in the format "filter=value"`);
    shown = applyFilter(shown, key, value);
  }
  return shown;
}

function applyFilter(shown: readonly ShownImage[], key: string, value: string): ShownImage[] {
  switch (key) {
    case 'reference':
      return byReference(shown, value);
    case 'id':
      return shown.filter(({ image }) => image.id.startsWith(value));
    case 'label': {
      const [name, wanted] = splitPair(value);
      return shown.filter(
        ({ image: { labels } }) =>
          Object.hasOwn(labels, name) && (wanted === undefined || labels[name] === wanted),
      );
    }
    case 'dangling': {
      if (value !== 'true' && value !== 'false')
        throw usageError(`non-boolean value "${value}" for dangling filter`);
      return shown.filter(({ image }) => (image.names.length === 0) === (value === 'true'));
    }
    default:
      throw usageError(`unsupported image filter "${key}"`);
  }
}

function byReference(shown: readonly ShownImage[], reference: string): ShownImage[] {
  const matches = matcher(reference);
  return shown
    .map(({ image, names }) => {
      if (/^[\da-f]{3,64}$/.test(reference) && image.id.startsWith(reference)) return { image, names };
      return { image, names: names.filter((name) => name !== undefined && matches(name)) };
    })
    .filter(({ names }) => names.length > 0);
}

/** A pattern matches a whole name or its end after a `/`, with and without the tag. */
function matcher(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/[\\^$.|?*+()[\]{}]/g, (char) =>
    char === '*' ? '[^/]*' : char === '?' ? '[^/]' : `\\${char}`,
  );
  const expression = new RegExp(`(^|/)${source}$`);
  return (name) => expression.test(name) || expression.test(name.replace(/:[^/:]*$/, ''));
}

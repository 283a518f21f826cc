// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import type { ImageInfo } from '@lading/engine';
import { hasPair, splitPair } from '../options/key-value.ts';
import { imageKeys } from '../specs/filter-keys.ts';
import { parseMoment } from './moment.ts';

/** An image and the names of it that are shown. */
export interface ShownImage {
  readonly image: ImageInfo;
  readonly names: readonly (string | undefined)[];
}

/** What some filters look at beside the image itself, by ids of images. */
export interface ImageFacts {
  /** How many were made from it, where somebody asks for that; those that none was made from are left out. */
  readonly containers: ReadonlyMap<string, number>;
  /** Of stores that are only read. */
  readonly readOnly: ReadonlySet<string>;
  /** Without a name, but others are made from them. */
  readonly intermediate: ReadonlySet<string>;
}

/** The names that match all filters; `reference` is a name, a part of one, or a pattern with `*` and `?`. */
export function filterImages(
  images: readonly ImageInfo[],
  filters: readonly string[],
  reference: string | undefined,
  facts: ImageFacts,
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
    shown = applyFilter(shown, key, value, images, facts);
  }
  return shown;
}

function applyFilter(
  shown: readonly ShownImage[],
  key: string,
  value: string,
  all: readonly ImageInfo[],
  facts: ImageFacts,
): ShownImage[] {
  const keep = (test: (image: ImageInfo) => boolean): ShownImage[] =>
    shown.filter(({ image }) => test(image));
  switch (key) {
    case 'before': {
      const limit = createdAt(all, key, value);
      return keep((image) => Date.parse(image.createdAt) < limit);
    }
    case 'since':
    case 'after': {
      const limit = createdAt(all, key, value);
      return keep((image) => Date.parse(image.createdAt) > limit);
    }
    case 'until': {
      const limit = parseMoment(value)?.getTime() ?? 0;
      return keep((image) => Date.parse(image.createdAt) < limit);
    }
    case 'containers': {
      if (value !== 'true' && value !== 'false') {
        throw usageError(`unsupported value "${value}" for containers filter`);
      }
      return keep(({ id }) => facts.containers.has(id) === (value === 'true'));
    }
    case 'intermediate': {
      const wanted = parseBoolean(key, value);
      return keep(({ id }) => facts.intermediate.has(id) === wanted);
    }
    case 'readonly': {
      const wanted = parseBoolean(key, value);
      return keep(({ id }) => facts.readOnly.has(id) === wanted);
    }
    // A list of images is stored as the image that was chosen from it.
    case 'manifest':
      return parseBoolean(key, value) ? [] : [...shown];
    case 'label!':
      return keep(({ labels }) => !hasPair(labels, value));
    case 'reference':
      return byReference(shown, value);
    case 'id':
      return shown.filter(({ image }) => image.id.startsWith(value));
    case 'label':
      return keep(({ labels }) => hasPair(labels, value));
    case 'dangling': {
      const wanted = parseBoolean(key, value);
      return keep(({ id, names }) => (names.length === 0 && !facts.intermediate.has(id)) === wanted);
    }
    default:
      throw usageError(
        `unsupported image filter "${key}": use ${imageKeys.map((each) => each.slice(0, -1)).join(', ')}`,
      );
  }
}

function parseBoolean(key: string, value: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw usageError(`non-boolean value "${value}" for ${key} filter`);
}

function createdAt(all: readonly ImageInfo[], key: string, ref: string): number {
  const matches = matcher(ref);
  const found =
    all.find(({ names }) => names.some((name) => matches(name))) ??
    all.find(({ id }) => /^[\da-f]{3,64}$/.test(ref) && id.startsWith(ref));
  if (found === undefined) {
    throw usageError(`could not find local image for filter "${key}"="${ref}": ${ref}: image not known`);
  }
  return Date.parse(found.createdAt);
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

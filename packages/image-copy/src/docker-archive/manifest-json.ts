// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { formatReference, parseFamiliarReference } from '@lading/image-spec';
import type { Archive } from '../archive-file.ts';
import type { DockerArchiveReference } from './reference.ts';

/** One image of an archive, as `manifest.json` has it. */
export interface ArchivedImage {
  /** The member that is the config. */
  readonly config: string;
  /** As they are written. */
  readonly tags: readonly string[];
  /** The members that are the layers, lowest first. */
  readonly layers: readonly string[];
}

/** The images of an archive, in its order. @throws NotFound, InvalidArgument for what `docker save` did not write */
export async function readManifestJson(archive: Archive): Promise<readonly ArchivedImage[]> {
  const bytes = await archive.document('manifest.json', 'ARCHIVE_INVALID');
  let items: unknown;
  try {
    items = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LadingError(Code.InvalidArgument, 'manifest.json of the archive is not JSON', { cause });
  }
  if (!Array.isArray(items)) throw invalid('is not a list');
  return items.map((item: unknown, i) => {
    if (typeof item !== 'object' || item === null) throw invalid(`[${i}] is not an object`);
    const member = (name: string): unknown => new Map<string, unknown>(Object.entries(item)).get(name);
    const config = member('Config');
    if (typeof config !== 'string' || config === '') throw invalid(`[${i}].Config is not a name`);
    return {
      config,
      tags: strings(member('RepoTags') ?? [], `[${i}].RepoTags`),
      layers: strings(member('Layers') ?? [], `[${i}].Layers`),
    };
  });
}

/** The image that a reference names. @throws NotFound (`TAG_UNKNOWN`) saying which there are */
export function chooseImage(
  images: readonly ArchivedImage[],
  { name, position }: Pick<DockerArchiveReference, 'name' | 'position'>,
): ArchivedImage {
  const found =
    name !== undefined
      ? images.find(({ tags }) => tags.some((tag) => fullName(tag) === name))
      : images.length === 1 || position !== undefined
        ? images[position ?? 0]
        : undefined;
  if (found !== undefined) return found;
  const tags = images.flatMap((image) => image.tags).slice(0, 30);
  const offered = tags.length === 0 ? 'no image has a tag' : `there are ${JSON.stringify(tags).slice(1, -1)}`;
  if (name === undefined && position === undefined && images.length > 0) {
    throw new LadingError(
      Code.FailedPrecondition,
      `the archive has ${images.length} images: name one, or write @0 to @${images.length - 1}; ${offered}`,
      { reason: 'AMBIGUOUS' },
    );
  }
  throw new LadingError(
    Code.NotFound,
    images.length === 0
      ? 'the archive has no image'
      : `the archive has no ${name ?? `image @${position}, only ${images.length} of them`}; ${offered}`,
    { reason: 'TAG_UNKNOWN' },
  );
}

/** The full spelling of a tag of the archive. @throws InvalidArgument */
function fullName(tag: string): string {
  return formatReference(parseFamiliarReference(tag));
}

function strings(value: unknown, at: string): readonly string[] {
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value;
  throw invalid(`${at} is not a list of texts`);
}

function invalid(what: string): LadingError {
  return new LadingError(Code.InvalidArgument, `manifest.json of the archive ${what}`, {
    reason: 'ARCHIVE_INVALID',
  });
}

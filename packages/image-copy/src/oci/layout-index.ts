// SPDX-License-Identifier: Apache-2.0

import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import {
  Annotation,
  type Descriptor,
  encodeJson,
  type Index,
  parseImageLayout,
  parseIndex,
} from '@lading/image-spec';
import { makeFolders } from '@lading/linux';
import { withLayoutLock } from '@lading/registry-client/layout';
import { hasFile, replaceFile } from '../blob-file.ts';
import { filesInFolder, type LayoutFiles, noLayout } from './layout-files.ts';
import type { LayoutReference } from './layout-path.ts';

/** The index.json of a layout. @throws NotFound (`LAYOUT_UNKNOWN`) where there is none */
export async function readLayoutIndex(files: Pick<LayoutFiles, 'document'>): Promise<Index> {
  const index = parseIndex(await files.document('index.json'));
  try {
    parseImageLayout(await files.document('oci-layout'));
  } catch (error) {
    // Some tools leave the file out; one that is there must be of the version that we know.
    if (!hasCode(error, Code.NotFound)) throw error;
  }
  return index;
}

/** The entry that a reference names. @throws NotFound (`MANIFEST_UNKNOWN`) saying which names there are */
export function findEntry(
  index: Index,
  { name, position }: Pick<LayoutReference, 'name' | 'position'>,
): Descriptor {
  const { manifests } = index;
  const found = manifests.filter((entry, i) =>
    position !== undefined ? i === position : name === undefined || nameOf(entry) === name,
  );
  const [entry] = found;
  if (entry !== undefined && found.length === 1) return entry;
  const names = manifests.flatMap((other) => nameOf(other) ?? []).slice(0, 30);
  const offered = names.length === 0 ? 'no entry has a name' : `there are ${names.join(', ')}`;
  const shown = name ?? `@${position}`;
  if (entry === undefined) {
    throw new LadingError(
      Code.NotFound,
      manifests.length === 0 ? 'the layout is empty' : `no image ${shown} in the layout; ${offered}`,
      { reason: 'MANIFEST_UNKNOWN' },
    );
  }
  throw new LadingError(
    Code.FailedPrecondition,
    `the layout has ${found.length} images${name === undefined ? '' : ` of this name`}: name one; ${offered}`,
    { reason: 'AMBIGUOUS' },
  );
}

/** The name that an entry gives an image. */
export function nameOf({ annotations }: Descriptor): string | undefined {
  return annotations !== undefined && Object.hasOwn(annotations, Annotation.RefName)
    ? annotations[Annotation.RefName]
    : undefined;
}

interface AddOptions {
  readonly signal?: AbortSignal | undefined;
  /** What the image is made of: someone may have deleted an image meanwhile that had a part of it. */
  readonly parts: readonly BlobFile[];
}

interface BlobFile {
  readonly path: string;
  readonly size: number;
}

/**
 * Adds an entry to a layout's index, or makes the layout. An older entry of the same name loses its name.
 *
 * @throws Aborted (`BLOB_UNKNOWN`) where a part is not there any more
 */
export function addEntry(layout: string, entry: Descriptor, { signal, parts }: AddOptions): Promise<void> {
  const name = nameOf(entry);
  const added = async (manifests: readonly Descriptor[]): Promise<readonly Descriptor[]> => {
    for (const { path, size } of parts) if (!(await hasFile(path, size))) throw deleted(path);
    return [
      ...manifests
        .map((other) => (name !== undefined && nameOf(other) === name ? unnamed(other) : other))
        .filter((other) => other.digest !== entry.digest || nameOf(other) !== undefined),
      entry,
    ];
  };
  return changeEntries(layout, added, { signal });
}

function deleted(path: string): LadingError {
  return new LadingError(
    Code.Aborted,
    `${path} was deleted while the image was on its way into the layout; copy it again`,
    { reason: 'BLOB_UNKNOWN' },
  );
}

interface ChangeOptions {
  readonly signal?: AbortSignal | undefined;
  /** What nobody else may come before, when the index is written. */
  readonly after?: (() => Promise<void>) | undefined;
}

/**
 * Changes the entries of a layout's index, or makes the layout. What `change` throws leaves it as it was. Several
 * processes may do it at once.
 */
export async function changeEntries(
  layout: string,
  change: ChangeEntries,
  { signal, after }: ChangeOptions = {},
): Promise<void> {
  makeFolders(layout, 0o777);
  const changed = async (): Promise<void> => {
    await writeEntries(layout, change);
    await after?.();
  };
  await withLayoutLock(layout, changed, { signal });
}

/** The same array for entries that stay as they are. */
type ChangeEntries = (
  manifests: readonly Descriptor[],
) => readonly Descriptor[] | Promise<readonly Descriptor[]>;

async function writeEntries(layout: string, change: ChangeEntries): Promise<void> {
  const index = await existingIndex(layout);
  const before = index?.manifests ?? [];
  const manifests = await change(before);
  if (manifests === before) return;
  if (index === undefined) {
    await replaceFile(join(layout, 'oci-layout'), encodeJson({ imageLayoutVersion: '1.0.0' }));
  }
  await replaceFile(join(layout, 'index.json'), encodeJson({ schemaVersion: 2, ...index, manifests }));
}

/** The index of a layout that may not be there yet. */
export async function existingIndex(layout: string): Promise<Index | undefined> {
  try {
    return await readLayoutIndex(filesInFolder({ path: layout, blobs: '' }));
  } catch (error) {
    if (hasCode(error, Code.NotFound) && error.reason === noLayout) return undefined;
    throw error;
  }
}

/** The entry without its name. */
export function unnamed(entry: Descriptor): Descriptor {
  const { annotations = {}, ...rest } = entry;
  const kept = Object.entries(annotations).filter(([key]) => key !== Annotation.RefName);
  return kept.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(kept) };
}

// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import {
  Annotation,
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  isIndexType,
  isManifestType,
  MediaType,
  parseIndex,
} from '@lading/image-spec';
import { type Referrer, referrerOf, referrersTag } from '@lading/registry-client';
import { changeEntries, nameOf } from '../oci/layout-index.ts';

type ReadManifest = (descriptor: Pick<Descriptor, 'digest' | 'size'>) => Promise<Uint8Array>;
type PutBlob = (descriptor: Descriptor, bytes: Uint8Array) => Promise<void>;

/** More are looked at by nobody: an index can be made that lists the same manifest without end. */
const mostManifests = 10_000;

/**
 * What refers to a manifest in a layout: the list under the tag that the distribution-spec has for registries without
 * an API for it, and every manifest with this subject that the layout's index lists, as other tools leave them.
 */
export async function findReferrers(
  entries: readonly Descriptor[],
  subject: Digest,
  read: ReadManifest,
): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  const tag = referrersTag(subject);
  const open: Descriptor[] = [...entries];
  const seen = new Set<Digest>();
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    if (seen.has(entry.digest) || seen.size === mostManifests) continue;
    seen.add(entry.digest);
    const isIndex = isIndexType(entry.mediaType);
    if (!isIndex && !isManifestType(entry.mediaType)) continue;
    const bytes = await readIfThere(entry, read);
    if (bytes === undefined) continue;
    const referrer = referrerOf(entry, bytes);
    if (referrer?.subject === subject) found.set(entry.digest, referrer.descriptor);
    if (!isIndex) continue;
    const { manifests } = parseIndex(bytes);
    if (nameOf(entry) === tag) for (const listed of manifests) found.set(listed.digest, listed);
    open.push(...manifests);
  }
  return [...found.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** A layout may hold a part of an index: the images of other platforms are not there. */
async function readIfThere(entry: Descriptor, read: ReadManifest): Promise<Uint8Array | undefined> {
  try {
    return await read(entry);
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return undefined;
    throw error;
  }
}

/**
 * Changes the list of a manifest's referrers that clients keep where nobody else does. Several processes may do it at
 * once. A list that becomes empty is taken away.
 */
export function changeReferrers(
  path: string,
  subject: Digest,
  change: (referrers: readonly Descriptor[]) => readonly Descriptor[],
  { read, put }: { readonly read: ReadManifest; readonly put: PutBlob },
): Promise<void> {
  const tag = referrersTag(subject);
  return changeEntries(path, async (entries) => {
    const entry = entries.find((other) => nameOf(other) === tag);
    if (entry !== undefined && !isIndexType(entry.mediaType)) {
      throw new LadingError(
        Code.FailedPrecondition,
        `the layout has something else under the name ${tag}, where the referrers of that manifest are listed`,
        { reason: 'MANIFEST_INVALID' },
      );
    }
    const before = entry === undefined ? [] : parseIndex(await read(entry)).manifests;
    const manifests = change(before);
    if (manifests === before) return entries;
    const bytes = encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests });
    const list = await descriptorOf(MediaType.ImageIndex, bytes, {
      annotations: { [Annotation.RefName]: tag },
    });
    if (manifests.length > 0) await put(list, bytes);
    const others = entries.filter((other) => nameOf(other) !== tag);
    return manifests.length === 0 ? others : [...others, list];
  });
}

/** The list with one more, the same list where it has it. */
export function withReferrer(
  referrers: readonly Descriptor[],
  { descriptor }: Referrer,
): readonly Descriptor[] {
  const isListed = referrers.some(({ digest }) => digest === descriptor.digest);
  return isListed ? referrers : [...referrers, descriptor];
}

// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { formatOf } from '@lading/image-copy';
import { type Descriptor, type Digest, type Index, MediaType, type Platform } from '@lading/image-spec';

/** What Docker's lists say beside the OCI's. */
type ListedPlatform = Platform & { readonly features?: readonly string[] };

/** What `annotate` changes of an entry; what is left out stays. */
export interface EntryChanges {
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly platform: Partial<ListedPlatform>;
}

/** Puts images at the end of a list; one that is in it already is moved there. */
export function withEntries(index: Index, added: readonly Descriptor[]): Index {
  const digests = new Set(added.map(({ digest }) => digest));
  return {
    ...index,
    manifests: [...index.manifests.filter(({ digest }) => !digests.has(digest)), ...added],
  };
}

/** @throws NotFound */
export function withoutEntry(index: Index, digest: Digest): Index {
  const manifests = index.manifests.filter((entry) => entry.digest !== digest);
  if (manifests.length < index.manifests.length) return { ...index, manifests };
  throw new LadingError(
    Code.NotFound,
    `no instance matching digest "${digest}" found in manifest list: file does not exist`,
  );
}

/** @throws NotFound */
export function withChanges(index: Index, digest: Digest, changes: EntryChanges): Index {
  if (!index.manifests.some((entry) => entry.digest === digest)) {
    throw new LadingError(
      Code.NotFound,
      `no image instance matching the digest "${digest}" was found in the list or index`,
    );
  }
  return {
    ...index,
    manifests: index.manifests.map((entry) => (entry.digest === digest ? changed(entry, changes) : entry)),
  };
}

/** An entry with what flags say of it. Annotations take the place of those that are there, as with podman. */
export function changed(entry: Descriptor, { annotations, platform }: EntryChanges): Descriptor {
  return {
    ...entry,
    ...(annotations === undefined ? {} : { annotations }),
    ...(Object.keys(platform).length === 0
      ? {}
      : { platform: { architecture: '', os: '', ...entry.platform, ...platform } }),
  };
}

/** A list in the format that its images ask for: Docker's where all are Docker's, and none has annotations. */
export function asWritten(index: Index): Index {
  const isDocker = index.manifests.every(
    ({ mediaType, annotations }) => formatOf(mediaType) === 'v2s2' && annotations === undefined,
  );
  const { mediaType: _, manifests, ...rest } = index;
  return {
    ...rest,
    mediaType: isDocker ? MediaType.DockerManifestList : MediaType.ImageIndex,
    manifests: manifests.map((entry) => ordered(entry, isDocker)),
  };
}

/** With members in the order in which the programs of each format write them; only Docker's has `features`. */
function ordered({ platform, ...entry }: Descriptor, isDocker: boolean): Descriptor {
  const { mediaType, digest, size, ...rest } = entry;
  const start = isDocker ? { mediaType, size, digest } : { mediaType, digest, size };
  if (platform === undefined) return { ...start, ...rest };
  const {
    architecture,
    os,
    'os.version': version,
    'os.features': osFeatures,
    variant,
    features,
  }: ListedPlatform = platform;
  const listed: ListedPlatform = {
    architecture,
    os,
    ...(version === undefined ? {} : { 'os.version': version }),
    ...(osFeatures === undefined ? {} : { 'os.features': osFeatures }),
    ...(variant === undefined ? {} : { variant }),
    ...(features === undefined || !isDocker ? {} : { features }),
  };
  return { ...start, ...rest, platform: listed };
}

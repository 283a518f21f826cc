// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { convertIndex, formatOf, type ManifestFormat } from '@lading/image-copy';
import {
  type Descriptor,
  type Digest,
  formatPlatform,
  type Index,
  MediaType,
  matchesPlatform,
  type Platform,
} from '@lading/image-spec';

/** Options of {@link createIndex}. */
export interface CreateIndexOptions {
  /** Default: the OCI's. */
  readonly format?: ManifestFormat | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly artifactType?: string | undefined;
  /** The manifest that the index says something about. */
  readonly subject?: Descriptor | undefined;
}

/** A list of manifests, mostly one a platform. @throws InvalidArgument for two of one platform */
export function createIndex(manifests: readonly Descriptor[], options: CreateIndexOptions = {}): Index {
  const { format = 'oci', annotations, artifactType, subject } = options;
  if (format === 'v2s2' && [annotations, artifactType, subject].some((member) => member !== undefined)) {
    throw new LadingError(
      Code.InvalidArgument,
      "Docker's lists have no annotations, no type and no subject; make the OCI's",
      { reason: 'UNSUPPORTED' },
    );
  }
  const index: Index = {
    schemaVersion: 2,
    mediaType: MediaType.ImageIndex,
    ...(artifactType === undefined ? {} : { artifactType }),
    manifests: [],
    ...(subject === undefined ? {} : { subject }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return addToIndex(format === 'oci' ? index : convertIndex(index, 'v2s2', new Map()), manifests);
}

/**
 * Adds manifests to a list; one for the platform of an older one takes its place.
 *
 * @throws InvalidArgument for two new ones of one platform, and for the OCI's images in Docker's list
 */
export function addToIndex(index: Index, manifests: readonly Descriptor[]): Index {
  const added = new Map<string, Descriptor>();
  for (const manifest of manifests) {
    const key = keyOf(manifest);
    const other = added.get(key);
    if (other !== undefined && other.digest !== manifest.digest) {
      throw new LadingError(Code.InvalidArgument, `two images are given for ${key}; choose one`);
    }
    const isDocker = index.mediaType === MediaType.DockerManifestList;
    if (isDocker && formatOf(manifest.mediaType) !== 'v2s2') {
      throw new LadingError(
        Code.InvalidArgument,
        `Docker's list takes images in Docker's format; ${manifest.digest} is ${manifest.mediaType}`,
      );
    }
    added.set(key, manifest);
  }
  const kept = index.manifests.filter((manifest) => !added.has(keyOf(manifest)));
  return { ...index, manifests: [...kept, ...added.values()] };
}

/** What is to be taken out of a list. */
export interface IndexSelection {
  readonly digests?: readonly Digest[] | undefined;
  readonly platforms?: readonly Platform[] | undefined;
}

/** Takes manifests out of a list. @throws NotFound for a wish that nothing in it matches */
export function removeFromIndex(index: Index, { digests = [], platforms = [] }: IndexSelection): Index {
  const wishes = [
    ...digests.map((digest) => ({ name: digest, matches: (entry: Descriptor) => entry.digest === digest })),
    ...platforms.map((platform) => ({
      name: formatPlatform(platform),
      matches: (entry: Descriptor) =>
        entry.platform !== undefined && matchesPlatform(entry.platform, platform),
    })),
  ];
  const missing = wishes.find(({ matches }) => !index.manifests.some(matches));
  if (missing !== undefined) {
    throw new LadingError(Code.NotFound, `the list has no image ${missing.name}`, {
      reason: 'PLATFORM_UNKNOWN',
    });
  }
  const manifests = index.manifests.filter((entry) => !wishes.some(({ matches }) => matches(entry)));
  return { ...index, manifests };
}

/** An image is told from others by its platform, an attestation or an artifact by its digest. */
function keyOf({ platform, digest }: Descriptor): string {
  if (platform === undefined || platform.os === 'unknown') return digest;
  return formatPlatform(platform);
}

// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  MediaType,
  parseDigest,
  parseManifestOrIndex,
} from '@lading/image-spec';
import type { ManifestEntry } from './record.ts';

/** What a registry reads in a manifest: its place among the referrers, and the blobs it needs. */
export interface ReadManifest {
  readonly entry: ManifestEntry;
  /** Config and layers that a pull would ask this repository for. */
  readonly needs: readonly Descriptor[];
}

/**
 * Reads a manifest or index. Without a media type of the sender's the document's own is taken, or what its
 * members tell.
 *
 * @throws InvalidArgument naming the JSON path of what is wrong
 */
export function readManifest(bytes: Uint8Array, sent: string | undefined, digest: Digest): ReadManifest {
  const parsed = parseManifestOrIndex(bytes, sent);
  const document = parsed.kind === 'manifest' ? parsed.manifest : parsed.index;
  const oci = parsed.kind === 'manifest' ? MediaType.ImageManifest : MediaType.ImageIndex;
  const needs = parsed.kind === 'manifest' ? [parsed.manifest.config, ...parsed.manifest.layers] : [];
  const references = parsed.kind === 'manifest' ? needs : parsed.index.manifests;
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
  const artifactType =
    document.artifactType ?? (parsed.kind === 'manifest' ? parsed.manifest.config.mediaType : undefined);
  const { subject, annotations } = document;
  // Annotations may be megabytes, and are shown only for referrers.
  const shown =
    subject === undefined
      ? {}
      : {
          ...(artifactType === undefined ? {} : { artifactType }),
          ...(annotations === undefined ? {} : { annotations }),
        };
  const mediaType = sent ?? document.mediaType ?? oci;
  return {
    entry: {
      descriptor: { mediaType, digest, size: bytes.length, ...shown },
      ...(subject === undefined ? {} : { subject: subject.digest }),
      references: references.map((reference) => reference.digest),
    },
    needs: needs.filter(({ urls }) => urls === undefined || urls.length === 0),
  };
}

/** The digest of bytes in the algorithm of another one, whose algorithm is one that the registry checks. */
export function digestOf(bytes: Uint8Array, like: Digest): Digest {
  const algorithm = digestAlgorithm(like);
  return parseDigest(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
}

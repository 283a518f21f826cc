// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, MediaType, parseManifestOrIndex } from '@lading/image-spec';
import type { ManifestEntry } from './record.ts';

/** What a registry reads in a manifest: its place among the referrers, and the blobs it needs. */
export interface ReadManifest {
  readonly entry: ManifestEntry;
  /** Config and layers that must be in the repository. */
  readonly needs: readonly Descriptor[];
}

/**
 * Reads a manifest or index.
 *
 * @throws InvalidArgument naming the JSON path of what is wrong
 */
export function readManifest(bytes: Uint8Array, mediaType: string, digest: Digest): ReadManifest {
  const parsed = parseManifestOrIndex(bytes, mediaType);
  const document = parsed.kind === 'manifest' ? parsed.manifest : parsed.index;
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
  const artifactType =
    document.artifactType ?? (parsed.kind === 'manifest' ? parsed.manifest.config.mediaType : undefined);
  const descriptor: Descriptor = {
    mediaType,
    digest,
    size: bytes.length,
    ...(artifactType === undefined || artifactType === MediaType.ImageConfig ? {} : { artifactType }),
    ...(document.annotations === undefined ? {} : { annotations: document.annotations }),
  };
  const needs = parsed.kind === 'manifest' ? [parsed.manifest.config, ...parsed.manifest.layers] : [];
  return {
    entry: { descriptor, ...(document.subject === undefined ? {} : { subject: document.subject.digest }) },
    needs: needs.filter(({ urls }) => urls === undefined || urls.length === 0),
  };
}

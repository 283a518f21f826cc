// SPDX-License-Identifier: Apache-2.0
import {
  type Descriptor,
  isIndexType,
  isManifestType,
  MediaType,
  parseManifestOrIndex,
} from '@lading/image-spec';

/** What a manifest or index is made of. */
export interface ImageContents {
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Descriptor[];
  /** Layers that registries are not to hold; their owners give them out themselves. */
  readonly foreign: readonly Descriptor[];
}

const foreignTypes: ReadonlySet<string> = new Set([
  MediaType.LayerNondistributable,
  MediaType.LayerNondistributableGzip,
  MediaType.LayerNondistributableZstd,
  MediaType.DockerLayerForeign,
  MediaType.DockerLayerForeignGzip,
]);

/** @throws InvalidArgument naming the fault, Unimplemented for the old format of Docker */
export function contentsOf({ mediaType }: Descriptor, bytes: Uint8Array): ImageContents {
  const document = parseManifestOrIndex(bytes, mediaType);
  if (document.kind === 'index') {
    const isManifest = (entry: Descriptor) => isManifestType(entry.mediaType) || isIndexType(entry.mediaType);
    const { manifests } = document.index;
    return {
      manifests: manifests.filter(isManifest),
      blobs: manifests.filter((entry) => !isManifest(entry)),
      foreign: [],
    };
  }
  const { config, layers } = document.manifest;
  const isForeign = (layer: Descriptor) => foreignTypes.has(layer.mediaType);
  return {
    manifests: [],
    blobs: [config, ...layers.filter((layer) => !isForeign(layer))],
    foreign: layers.filter(isForeign),
  };
}

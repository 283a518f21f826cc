// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, MediaType } from '@lading/image-spec';
import type { Copy } from './copy-options.ts';
import type { LayerCompression } from './types.ts';

type FormName = 'none' | LayerCompression;

/** What a layer is to become on the way. */
export interface LayerForm {
  readonly compression: FormName;
  readonly level?: number | undefined;
}

/** The media types of one kind of layer. Docker has no type for zstd, and takes the OCI's manifest with it. */
const kinds: readonly Readonly<Record<FormName, string>>[] = [
  { none: MediaType.Layer, gzip: MediaType.LayerGzip, zstd: MediaType.LayerZstd },
  { none: MediaType.DockerLayer, gzip: MediaType.DockerLayerGzip, zstd: MediaType.LayerZstd },
  {
    none: MediaType.LayerNondistributable,
    gzip: MediaType.LayerNondistributableGzip,
    zstd: MediaType.LayerNondistributableZstd,
  },
  {
    none: MediaType.DockerLayerForeign,
    gzip: MediaType.DockerLayerForeignGzip,
    zstd: MediaType.LayerNondistributableZstd,
  },
];

const names: readonly FormName[] = ['none', 'gzip', 'zstd'];

/** How a media type says that a layer is compressed; undefined for what is no layer that is known, or encrypted. */
function compressionOf(mediaType: string): FormName | undefined {
  return names.find((name) => kinds.some((kind) => kind[name] === mediaType));
}

/** Whether a media type says that a layer is not compressed. */
export function isPlainLayer(mediaType: string): boolean {
  return compressionOf(mediaType) === 'none';
}

/** The type that a layer has in another form. */
export function layerTypeIn(compression: FormName, mediaType: string): string {
  const kind = kinds.find((types) => names.some((name) => types[name] === mediaType));
  return kind?.[compression] ?? mediaType;
}

/** A layer that is fetched from elsewhere by whoever wants it, and not kept with the image. */
export function staysElsewhere({ destination }: Copy, layer: Descriptor): boolean {
  return destination.takesForeignLayers === true && (layer.urls?.length ?? 0) > 0;
}

/** What a layer is to become for the destination; undefined: it stays as it is. */
export function wantedForm(copy: Copy, layer: Descriptor): LayerForm | undefined {
  const { source, destination, options } = copy;
  const told = compressionOf(layer.mediaType);
  if (told === undefined || staysElsewhere(copy, layer)) return undefined;
  const current = source.layersAreUncompressed === true ? 'none' : told;
  if (destination.layerCompression === 'uncompressed') {
    return current === 'none' ? undefined : { compression: 'none' };
  }
  if (destination.layerCompression !== 'compressed') return undefined;
  const asked = options.compression?.format;
  if (current !== 'none' && (asked === undefined || asked === current)) return undefined;
  return { compression: asked ?? 'gzip', level: options.compression?.level };
}

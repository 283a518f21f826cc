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
const kinds: readonly Readonly<Record<'none' | 'gzip' | 'zstd', string>>[] = [
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

const names = ['none', 'gzip', 'zstd'] as const;

/** Annotations that say where the table of contents of a zstd:chunked layer is. */
const chunkedPrefix = 'io.github.containers.zstd-chunked.';

/** How a layer says that it is compressed; undefined for what is no layer that is known, or encrypted. */
function compressionOf({ mediaType, annotations = {} }: Descriptor): FormName | undefined {
  const name = names.find((name) => kinds.some((kind) => kind[name] === mediaType));
  if (name !== 'zstd') return name;
  return Object.hasOwn(annotations, `${chunkedPrefix}manifest-checksum`) ? 'zstd:chunked' : 'zstd';
}

/** The descriptor of a layer that has become this blob: what was said of its old bytes is left out. */
export function describeReformed(
  { annotations, ...layer }: Descriptor,
  compression: FormName,
  blob: Pick<Descriptor, 'digest' | 'size' | 'annotations'>,
): Descriptor {
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !name.startsWith(chunkedPrefix));
  const all = Object.fromEntries([...kept, ...Object.entries(blob.annotations ?? {})]);
  return {
    mediaType: layerTypeIn(compression, layer.mediaType),
    digest: blob.digest,
    size: blob.size,
    ...(Object.keys(all).length === 0 ? {} : { annotations: all }),
  };
}

/** Whether a layer says that it is not compressed. */
export function isPlainLayer(layer: Descriptor): boolean {
  return compressionOf(layer) === 'none';
}

/** The type that a layer has in another form. */
export function layerTypeIn(compression: FormName, mediaType: string): string {
  const kind = kinds.find((types) => names.some((name) => types[name] === mediaType));
  return kind?.[compression === 'zstd:chunked' ? 'zstd' : compression] ?? mediaType;
}

/** A layer that is fetched from elsewhere by whoever wants it, and not kept with the image. */
export function staysElsewhere({ destination }: Copy, layer: Descriptor): boolean {
  return destination.takesForeignLayers === true && (layer.urls?.length ?? 0) > 0;
}

/** What a layer is to become for the destination; undefined: it stays as it is. */
export function wantedForm(copy: Copy, layer: Descriptor): LayerForm | undefined {
  const { source, destination, options } = copy;
  const told = compressionOf(layer);
  if (told === undefined || staysElsewhere(copy, layer)) return undefined;
  const current = source.layersAreUncompressed === true ? 'none' : told;
  if (destination.layerCompression === 'uncompressed') {
    return current === 'none' ? undefined : { compression: 'none' };
  }
  if (destination.layerCompression !== 'compressed') return undefined;
  const asked = options.compression?.format;
  // A layer that is zstd:chunked is zstd too.
  const fits = asked === undefined || asked === current || (asked === 'zstd' && current === 'zstd:chunked');
  if (current !== 'none' && fits) return undefined;
  return { compression: asked ?? 'gzip', level: options.compression?.level };
}

// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, MediaType } from '@lading/image-spec';
import type { Copy } from './copy-options.ts';
import {
  decryptedType,
  encryptedType,
  encryptionPrefix,
  isEncryptedType,
} from './encryption/encrypted-type.ts';
import type { KnownBlob } from './known-lines.ts';
import type { LayerCompression } from './types.ts';

type FormName = 'none' | LayerCompression;

/** What a layer is to become on the way. */
export interface LayerForm {
  /** `kept`: the bytes are not compressed in another way. */
  readonly compression: FormName | 'kept';
  readonly level?: number | undefined;
  readonly crypto?: 'encrypt' | 'decrypt' | undefined;
}

/** How a layer of this form is remembered: only what compressing again would make again is. */
export function rememberedAs({ compression, crypto }: LayerForm): LayerCompression | undefined {
  return crypto !== undefined || compression === 'none' || compression === 'kept' ? undefined : compression;
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

/** The digest of a layer's table of contents, as its annotations have it. */
export function tableDigestOf({ annotations = {} }: Pick<Descriptor, 'annotations'>): string | undefined {
  const name = `${chunkedPrefix}manifest-checksum`;
  return Object.hasOwn(annotations, name) ? annotations[name] : undefined;
}

/** How a layer says that it is compressed; undefined for what is no layer that is known, or encrypted. */
function compressionOf(layer: Descriptor): FormName | undefined {
  const name = names.find((name) => kinds.some((kind) => kind[name] === layer.mediaType));
  if (name !== 'zstd') return name;
  return tableDigestOf(layer) === undefined ? 'zstd' : 'zstd:chunked';
}

/** What is to be known of a blob that a layer became: also where its table of contents is. */
export function blobOf({ digest, size, annotations = {} }: Descriptor): KnownBlob {
  const own = Object.entries(annotations).filter(([name]) => name.startsWith(chunkedPrefix));
  return { digest, size, ...(own.length === 0 ? {} : { annotations: Object.fromEntries(own) }) };
}

/** The descriptor of a layer that has become this blob: what was said of its old bytes is left out. */
export function describeReformed(
  { annotations, ...layer }: Descriptor,
  form: LayerForm,
  blob: KnownBlob,
): Descriptor {
  const kept = Object.entries(annotations ?? {}).filter(
    ([name]) =>
      !name.startsWith(chunkedPrefix) && !(form.crypto === 'decrypt' && name.startsWith(encryptionPrefix)),
  );
  const all = Object.fromEntries([...kept, ...Object.entries(blob.annotations ?? {})]);
  return {
    mediaType: layerTypeIn(form, layer.mediaType),
    digest: blob.digest,
    size: blob.size,
    ...(Object.keys(all).length === 0 ? {} : { annotations: all }),
  };
}

/** Whether a layer says that it is not compressed, when it is decrypted. */
export function isPlainLayer(layer: Descriptor): boolean {
  return compressionOf({ ...layer, mediaType: decryptedType(layer.mediaType) }) === 'none';
}

/** The type that a layer has in another form. @throws Unimplemented for one that cannot be encrypted */
export function layerTypeIn({ compression, crypto }: LayerForm, mediaType: string): string {
  const current = crypto === 'decrypt' ? decryptedType(mediaType) : mediaType;
  const kind = kinds.find((types) => names.some((name) => types[name] === current));
  const name = compression === 'zstd:chunked' ? 'zstd' : compression;
  const type = name === 'kept' ? current : (kind?.[name] ?? current);
  return crypto === 'encrypt' ? encryptedType(type) : type;
}

/** A layer that is fetched from elsewhere by whoever wants it, and not kept with the image. */
export function staysElsewhere({ destination }: Copy, layer: Descriptor): boolean {
  return destination.takesForeignLayers === true && (layer.urls?.length ?? 0) > 0;
}

/** What a layer is to become on the way; undefined: it stays as it is. */
export function wantedForm(copy: Copy, layer: Descriptor, isToEncrypt: boolean): LayerForm | undefined {
  if (staysElsewhere(copy, layer)) return undefined;
  const isEncrypted = isEncryptedType(layer.mediaType);
  const crypto = isEncrypted
    ? (copy.options.decryptionKeys?.length ?? 0) > 0
      ? 'decrypt'
      : undefined
    : isToEncrypt
      ? 'encrypt'
      : undefined;
  if (crypto === undefined) return wantedCompression(copy, layer);
  const plain = { ...layer, mediaType: decryptedType(layer.mediaType) };
  const { compression = 'kept', level } = wantedCompression(copy, plain) ?? {};
  // The table of contents would tell what is in the layer, and nobody could use it.
  const name = crypto === 'encrypt' && compression === 'zstd:chunked' ? 'zstd' : compression;
  return { compression: name, level, crypto };
}

/** How a layer is to be compressed for the destination; undefined: as it is. */
function wantedCompression({ source, destination, options }: Copy, layer: Descriptor): LayerForm | undefined {
  const told = compressionOf(layer);
  if (told === undefined) return undefined;
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

// SPDX-License-Identifier: Apache-2.0

import type { Policy } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import type { Platform } from '@lading/image-spec';
import { formatOf, type ManifestFormat, manifestTypeIn } from './convert.ts';
import type { DecryptionKey, EncryptionKey } from './encryption/keys.ts';
import type { KnownLayers } from './known-layers.ts';
import type { OnCopyProgress } from './progress.ts';
import type { ReformedLayers } from './reformed-layers.ts';
import { isSchema1Type } from './schema1/read-schema1.ts';
import type { ImageSignature } from './trust/image-signature.ts';
import type { ImageSigner } from './trust/image-signer.ts';
import type { ImageDestination, ImageSource, LayerCompression } from './types.ts';

/** The formats of one image's manifest: `v2s1` is Docker's schema 1, which only old registries want. */
export type ImageFormat = ManifestFormat | 'v2s1';

/** Options of `copyImage`. */
export interface CopyOptions {
  /**
   * Which image of an index; `all` copies every one and the index, `index-only` the index without its images.
   * Default: that of this machine.
   */
  readonly platform?: Platform | 'all' | 'index-only' | undefined;
  /** The format to write manifests in. Default: the source's, if the destination takes it. */
  readonly format?: ImageFormat | undefined;
  /** Manifests are written as they are, even where the destination prefers another format. */
  readonly preserveDigests?: boolean | undefined;
  /**
   * How layers are to be compressed where the destination takes them compressed; those that are compressed
   * otherwise are compressed anew. Default: as they are, and gzip for those that are not compressed.
   */
  readonly compression?: CompressionOptions | undefined;
  /**
   * What is known from earlier copies: a layer that would be compressed, and that the destination has compressed,
   * is not read. Default: nothing.
   */
  readonly knownLayers?: KnownLayers | undefined;
  /** Encrypts layers that are not encrypted yet. Only the OCI's manifests can say so. Default: none. */
  readonly encryption?: EncryptionOptions | undefined;
  /** What encrypted layers are decrypted with. Default: they stay encrypted. */
  readonly decryptionKeys?: readonly DecryptionKey[] | undefined;
  /** How many layers are copied at a time. Default: 6. */
  readonly parallel?: number | undefined;
  /** How fast blobs are read from the source, all of them together. Default: as fast as they come. */
  readonly bytesPerSecond?: number | undefined;
  /** What the image must fulfil before a layer of it is read; see `loadPolicy`. Default: nothing. */
  readonly policy?: Policy | undefined;
  /** With a policy: an image whose scope asks for no signature is refused. Default: false. */
  readonly requireSigned?: boolean | undefined;
  /** Leaves the signatures of the source behind; a signed image can then be changed on the way. Default: false. */
  readonly removeSignatures?: boolean | undefined;
  /** What signs the manifests and indexes that are written. Default: nothing. */
  readonly signers?: readonly ImageSigner[] | undefined;
  /** The name that signatures give to the image, with a tag or digest. Default: the destination's. */
  readonly signIdentity?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnCopyProgress | undefined;
}

/** Options of the encryption of layers. */
export interface EncryptionOptions {
  /** Each of these can decrypt the layers by itself. */
  readonly keys: readonly EncryptionKey[];
  /** Positions of layers, 0 for the lowest; negative ones count from the top, -1 is the topmost. Default: all. */
  readonly layers?: readonly number[] | undefined;
}

/** Options of the compression of layers. */
export interface CompressionOptions {
  readonly format: LayerCompression;
  /** gzip: 1 to 9, zstd: 1 to 22. Default: 3 for both; see `compressLayer` of `@lading/layer`. */
  readonly level?: number | undefined;
}

/** What all steps of one copy share. */
export interface Copy {
  readonly source: ImageSource;
  readonly destination: ImageDestination;
  readonly options: CopyOptions;
  readonly reformed: ReformedLayers;
  /** Of the manifest that is being copied; they go along. */
  readonly signatures?: readonly ImageSignature[] | undefined;
}

/** Why the manifest must stay as it is; undefined where it may change. */
export function fixedBecause({ destination, options, signatures = [] }: Copy): string | undefined {
  if (options.preserveDigests === true) return 'digests are to be preserved';
  if (destination.keepsManifests !== undefined) return destination.keepsManifests;
  return signatures.length > 0
    ? 'its signatures would no longer hold: leave them out with removeSignatures (--remove-signatures)'
    : undefined;
}

/** The formats to try for a manifest of this type, best first: its own before the others, the oldest last. */
export function targetFormats(copy: Copy, mediaType: string): readonly ImageFormat[] {
  const { destination, options } = copy;
  const own = isSchema1Type(mediaType) ? 'v2s1' : formatOf(mediaType);
  if (fixedBecause(copy) !== undefined) return [own];
  if (options.format !== undefined) return [options.format];
  const { manifestTypes } = destination;
  const all = new Set<ImageFormat>([own, 'v2s2', 'oci', 'v2s1']);
  const taken = [...all].filter(
    (format) => manifestTypes === undefined || manifestTypes.includes(manifestTypeIn(format, mediaType)),
  );
  if (taken.length > 0) return taken;
  throw new LadingError(Code.Unimplemented, `${destination.reference} does not take ${mediaType}`, {
    reason: 'UNSUPPORTED',
    details: { side: 'destination' },
  });
}

/** The formats to try for an index; images of schema 1 are listed by Docker's. */
export function indexFormats(copy: Copy, mediaType: string): readonly ManifestFormat[] {
  return [...new Set(targetFormats(copy, mediaType).map((format) => (format === 'v2s1' ? 'v2s2' : format)))];
}

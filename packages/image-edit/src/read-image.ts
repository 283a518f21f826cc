// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type CallOptions,
  chooseInstance,
  hostPlatform,
  type ImageSource,
  type ManifestBytes,
} from '@lading/image-copy';
import {
  type Descriptor,
  type ImageConfig,
  isConfigType,
  type Manifest,
  MediaType,
  type Platform,
  parseImageConfig,
  parseManifestOrIndex,
} from '@lading/image-spec';
import type { Image } from './image.ts';

/** Options of {@link readImage}. */
export interface ReadImageOptions {
  /** Which image of an index. Default: that for this machine. */
  readonly platform?: Platform | undefined;
  readonly signal?: AbortSignal | undefined;
}

const configLimitBytes = 4 * 1024 * 1024;

/**
 * Reads the documents of an image. Its layers stay where they are; the source is to be closed when nothing is read of
 * the image any more.
 *
 * @throws NotFound (`PLATFORM_UNKNOWN`), Unimplemented for what is no image, InvalidArgument for one with faults
 */
export async function readImage(source: ImageSource, options: ReadImageOptions = {}): Promise<Image> {
  const { signal } = options;
  const { manifest, mediaType } = await readManifest(source, options);
  const { config: descriptor } = manifest;
  if (!isConfigType(descriptor.mediaType)) {
    throw new LadingError(
      Code.Unimplemented,
      `${source.reference} is no image: its config is ${descriptor.mediaType}`,
      {
        reason: 'UNSUPPORTED',
      },
    );
  }
  const config = await readConfig(source, descriptor, { signal });
  if (config.rootfs.diff_ids.length !== manifest.layers.length) {
    throw new LadingError(
      Code.InvalidArgument,
      `the manifest has ${manifest.layers.length} layers, its config lists ${config.rootfs.diff_ids.length}`,
      { reason: 'MANIFEST_INVALID' },
    );
  }
  return {
    reference: source.reference,
    mediaType,
    manifest: await asStored(source, manifest, signal),
    config,
    origin: source.origin,
    blob: (blob, blobOptions) => source.blob(blob, blobOptions),
  };
}

/** The config of an image. @throws ResourceExhausted for one that no image needs */
export async function readConfig(
  source: ImageSource,
  descriptor: Descriptor,
  { signal }: CallOptions,
): Promise<ImageConfig> {
  if (descriptor.size > configLimitBytes) {
    throw new LadingError(
      Code.ResourceExhausted,
      `the config of ${source.reference} is longer than ${configLimitBytes} bytes`,
      { reason: 'DOCUMENT_TOO_LARGE' },
    );
  }
  return parseImageConfig(
    new Uint8Array(Buffer.concat(await Array.fromAsync(source.blob(descriptor, { signal })))),
  );
}

async function readManifest(
  source: ImageSource,
  { platform = hostPlatform(), signal }: ReadImageOptions,
): Promise<{ manifest: Manifest; mediaType: string }> {
  const top = await source.manifest(undefined, { signal });
  const document = parseManifestOrIndex(top.bytes, top.mediaType);
  if (document.kind === 'manifest') return { manifest: document.manifest, mediaType: top.mediaType };
  const entry = chooseInstance(document.index, platform);
  const inner: ManifestBytes = await source.manifest(entry.digest, { signal });
  const instance = parseManifestOrIndex(inner.bytes, entry.mediaType);
  if (instance.kind === 'manifest') return { manifest: instance.manifest, mediaType: entry.mediaType };
  throw new LadingError(Code.Unimplemented, `${entry.digest} in the index is an index itself`, {
    reason: 'UNSUPPORTED',
  });
}

const uncompressed: ReadonlyMap<string, string> = new Map([
  [MediaType.DockerLayerGzip, MediaType.DockerLayer],
  [MediaType.LayerGzip, MediaType.Layer],
]);

/** With the layers that the source can give, under types that are true. */
async function asStored(
  source: ImageSource,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<Manifest> {
  const given = await source.layersToCopy?.(manifest, { signal });
  const layers = given?.map(({ layer }) => layer) ?? manifest.layers;
  const typed =
    source.layersAreUncompressed === true
      ? layers.map(
          (layer): Descriptor => ({
            ...layer,
            mediaType: uncompressed.get(layer.mediaType) ?? layer.mediaType,
          }),
        )
      : layers;
  return typed.every((layer, i) => layer === manifest.layers[i]) ? manifest : { ...manifest, layers: typed };
}

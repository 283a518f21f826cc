// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type ImageSource, isEncryptedType } from '@lading/image-copy';
import {
  type Descriptor,
  type Digest,
  digestBytes,
  isConfigType,
  type Manifest,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { readRoot } from '@lading/layer';
import type { Image } from './image.ts';
import { readImage } from './read-image.ts';

/** Something of an image that is not as its documents say. */
export interface ImageFault {
  /** The manifest that is wrong, or that lists what is wrong. */
  readonly manifest: Digest;
  /** The blob, where it is one. */
  readonly blob?: Digest | undefined;
  readonly message: string;
}

/** Options of {@link validateImage}. */
export interface ValidateOptions {
  /** Whether layers are left unread, and documents alone are checked. Default: false. */
  readonly fast?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Lists in lists; more are made to keep readers busy. */
const mostDepth = 4;

/**
 * Reads all of an image, every image of a list, and gives what is wrong with it: blobs that are missing or are others
 * than their digests and sizes say, layers that are no archives or not what the config lists, a config that does not
 * fit the manifest or the list, manifests that cannot be read. What cannot be reached is thrown, and is no fault.
 */
export async function* validateImage(
  source: ImageSource,
  options: ValidateOptions = {},
): AsyncGenerator<ImageFault> {
  const { bytes, mediaType, digest } = await source.manifest(undefined, { signal: options.signal });
  yield* faultsOfManifest(source, { mediaType, digest, size: bytes.length }, 0, options);
}

async function* faultsOfManifest(
  source: ImageSource,
  descriptor: Descriptor,
  depth: number,
  options: ValidateOptions,
): AsyncGenerator<ImageFault> {
  const { digest, mediaType, size } = descriptor;
  const fault = (message: string, blob?: Digest): ImageFault => ({ manifest: digest, blob, message });
  const { signal } = options;
  const read = await tried(() => source.manifest(depth === 0 ? undefined : digest, { signal }));
  if (read.message !== undefined) return yield fault(read.message);
  const { bytes } = read.value;
  if (bytes.length !== size) yield fault(`it has ${bytes.length} bytes, and the list says ${size}`);
  if ((await digestBytes(bytes)) !== digest) return yield fault('its bytes have another digest');
  const parsed = await tried(async () => parseManifestOrIndex(bytes, mediaType));
  if (parsed.message !== undefined) return yield fault(parsed.message);
  if (parsed.value.kind === 'index') {
    if (depth === mostDepth) return yield fault(`it is a list in more than ${mostDepth} lists`);
    for (const entry of parsed.value.index.manifests)
      yield* faultsOfManifest(source, entry, depth + 1, options);
    return;
  }
  const { manifest } = parsed.value;
  const one: ImageSource = { ...source, manifest: async () => ({ bytes, mediaType, digest }) };
  if (!isConfigType(manifest.config.mediaType)) return yield* faultsOfArtifact(one, manifest, fault, options);
  const image = await tried(() => readImage(one, { signal }));
  if (image.message !== undefined) return yield fault(image.message, manifest.config.digest);
  const platform = platformFault(descriptor, image.value);
  if (platform !== undefined) yield fault(platform, manifest.config.digest);
  if (options.fast !== true) yield* faultsOfLayers(image.value, fault, signal);
}

type MakeFault = (message: string, blob?: Digest) => ImageFault;

async function* faultsOfLayers(
  image: Image,
  fault: MakeFault,
  signal: AbortSignal | undefined,
): AsyncGenerator<ImageFault> {
  for (const [i, layer] of image.manifest.layers.entries()) {
    const diffId = image.config.rootfs.diff_ids[i];
    const isEncrypted = isEncryptedType(layer.mediaType);
    const bytes = (): AsyncIterable<Uint8Array> => image.blob(layer, { signal });
    const { message } = await tried(async () => {
      if (isEncrypted) await drain(bytes());
      else await readRoot([{ open: bytes, diffId }], { signal });
    });
    if (message !== undefined) yield fault(message, layer.digest);
  }
}

/** Of what is no image, blobs are only checked against their digests. */
async function* faultsOfArtifact(
  source: ImageSource,
  { config, layers }: Manifest,
  fault: MakeFault,
  { fast, signal }: ValidateOptions,
): AsyncGenerator<ImageFault> {
  for (const blob of fast === true ? [config] : [config, ...layers]) {
    const { message } = await tried(() => drain(source.blob(blob, { signal })));
    if (message !== undefined) yield fault(message, blob.digest);
  }
}

function platformFault({ platform }: Descriptor, { config }: Image): string | undefined {
  if (platform === undefined) return undefined;
  const [listed, own] = [platform, config].map(({ os, architecture }) => `${os}/${architecture}`);
  return listed === own ? undefined : `it is for ${own}, and the list says ${listed}`;
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/** What says that the bytes are wrong or missing, and not that they could not be reached. */
const faults: ReadonlySet<Code> = new Set([
  Code.DataLoss,
  Code.InvalidArgument,
  Code.NotFound,
  Code.Unimplemented,
]);
/** Of exhausted resources, those that are the image's fault. */
const limits: ReadonlySet<string | undefined> = new Set(['LAYER_LIMIT', 'DOCUMENT_TOO_LARGE']);

type Tried<T> = { readonly value: T; readonly message?: undefined } | { readonly message: string };

async function tried<T>(action: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    const known = LadingError.from(error);
    if (!faults.has(known.code) && !limits.has(known.reason)) throw error;
    return { message: known.message };
  }
}

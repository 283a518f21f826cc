// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { chooseInstance, type ImageSource, type ManifestBytes } from '@lading/image-copy';
import { isConfigType, type Manifest, type Platform, parseManifestOrIndex } from '@lading/image-spec';

/** A manifest and the bytes that it was read from. */
export interface ReadManifest extends ManifestBytes {
  readonly manifest: Manifest;
}

/** The manifest of the one image that a reference and a platform name. */
export async function readManifest(
  source: ImageSource,
  top: ManifestBytes,
  platform: Platform,
  signal: AbortSignal,
): Promise<ReadManifest> {
  const document = parseManifestOrIndex(top.bytes, top.mediaType);
  if (document.kind === 'manifest') return { ...top, manifest: document.manifest };
  const entry = chooseInstance(document.index, platform);
  const instance = await source.manifest(entry.digest, { signal });
  const inner = parseManifestOrIndex(instance.bytes, entry.mediaType);
  if (inner.kind === 'manifest') return { ...instance, manifest: inner.manifest };
  throw new LadingError(Code.Unimplemented, `${entry.digest} in the index is an index itself`);
}

/** The bytes of the config of an image. */
export async function readConfig(
  source: ImageSource,
  { config }: Manifest,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (!isConfigType(config.mediaType)) {
    throw new LadingError(
      Code.Unimplemented,
      `${source.reference} is no image: its config is ${config.mediaType}; see it with --raw`,
    );
  }
  const limit = 4 * 1024 * 1024;
  if (config.size > limit) {
    throw new LadingError(Code.ResourceExhausted, `the config of ${source.reference} is longer than 4 MiB`);
  }
  return Buffer.concat(await Array.fromAsync(source.blob(config, { signal })));
}

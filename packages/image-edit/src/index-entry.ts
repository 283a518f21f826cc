// SPDX-License-Identifier: Apache-2.0
import type { CallOptions, ImageSource, ManifestBytes } from '@lading/image-copy';
import {
  type Descriptor,
  type ImageConfig,
  isConfigType,
  type Manifest,
  type Platform,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { readConfig } from './read-image.ts';

/**
 * What a list says of the images that a source has: of one image with the platform that its config names; of a list what
 * that says.
 *
 * @example
 * ```ts
 * import { createMemorySource, makeTestImage } from '@lading/image-copy/conformance';
 * import { indexEntries } from '@lading/image-edit';
 *
 * const source = createMemorySource(await makeTestImage({ seed: 'app', platform: { os: 'linux', architecture: 'arm64' } }));
 * console.log((await indexEntries(source)).map(({ platform }) => platform?.architecture)); // → [ 'arm64' ]
 * ```
 */
export async function indexEntries(
  source: ImageSource,
  options: CallOptions = {},
): Promise<readonly Descriptor[]> {
  const top = await source.manifest(undefined, options);
  const document = parseManifestOrIndex(top.bytes, top.mediaType);
  if (document.kind === 'index') return document.index.manifests;
  return [await entryOf(source, top, document.manifest, options)];
}

async function entryOf(
  source: ImageSource,
  { bytes, mediaType, digest }: ManifestBytes,
  manifest: Manifest,
  options: CallOptions,
): Promise<Descriptor> {
  const entry = { mediaType, digest, size: bytes.length };
  const { artifactType, config } = manifest;
  if (isConfigType(config.mediaType)) {
    return { ...entry, platform: platformOf(await readConfig(source, config, options)) };
  }
  return artifactType === undefined ? entry : { ...entry, artifactType };
}

function platformOf(config: ImageConfig): Platform {
  const { architecture, os, variant, 'os.version': version, 'os.features': features } = config;
  return {
    architecture,
    os,
    ...(version === undefined ? {} : { 'os.version': version }),
    ...(features === undefined ? {} : { 'os.features': features }),
    ...(variant === undefined ? {} : { variant }),
  };
}

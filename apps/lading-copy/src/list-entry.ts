// SPDX-License-Identifier: Apache-2.0
import type { ImageSource, ManifestBytes } from '@lading/image-copy';
import { type Descriptor, isConfigType, type Manifest, parseImageConfig } from '@lading/image-spec';
import { readConfig } from './read-image.ts';

/** What a list says of an image: with the platform that its config names. */
export async function listEntry(
  source: ImageSource,
  { bytes, mediaType, digest }: ManifestBytes,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Descriptor> {
  const entry = { mediaType, digest, size: bytes.length };
  if (!isConfigType(manifest.config.mediaType)) {
    const { artifactType } = manifest;
    return artifactType === undefined ? entry : { ...entry, artifactType };
  }
  const config = parseImageConfig(await readConfig(source, manifest, signal));
  const { architecture, os, variant, 'os.version': version, 'os.features': features } = config;
  return {
    ...entry,
    platform: {
      architecture,
      os,
      ...(version === undefined ? {} : { 'os.version': version }),
      ...(features === undefined ? {} : { 'os.features': features }),
      ...(variant === undefined ? {} : { variant }),
    },
  };
}

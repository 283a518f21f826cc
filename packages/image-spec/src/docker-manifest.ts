// SPDX-License-Identifier: Apache-2.0

import {
  constant,
  type DocumentInput,
  list,
  object,
  type ParseOptions,
  parseDocument,
  type Rule,
  satisfies,
  strings,
} from '@lading/document';
import { type Descriptor, descriptor } from './descriptor.ts';
import { descriptors } from './manifest.ts';
import { MediaType } from './media-type.ts';
import { type Platform, platform } from './platform.ts';
import { unambiguous } from './unambiguous.ts';

/**
 * Docker's manifest of one image, schema 2: the model of the OCI's. `parseManifest` takes it too.
 *
 * @see https://distribution.github.io/distribution/spec/manifest-v2-2/
 */
export interface DockerManifest {
  /** REQUIRED: 2. */
  readonly schemaVersion: 2;
  /** REQUIRED. */
  readonly mediaType: typeof MediaType.DockerManifest;
  /** REQUIRED. The config of the image, or of a plugin. */
  readonly config: Descriptor;
  /** REQUIRED. Lowest layer first. Those with `urls` may be fetched from there. */
  readonly layers: readonly Descriptor[];
}

/** What an image of a manifest list runs on. */
export interface DockerPlatform extends Platform {
  /** OPTIONAL. Features of the CPU that the image needs: `sse4`, `aes`. */
  readonly features?: readonly string[];
}

/** An image of a manifest list. */
export interface DockerManifestListEntry extends Descriptor {
  /** REQUIRED. */
  readonly platform: DockerPlatform;
}

/**
 * Docker's set of manifests, one a platform: the model of the OCI's index. `parseIndex` takes it too.
 *
 * @see https://distribution.github.io/distribution/spec/manifest-v2-2/#manifest-list
 */
export interface DockerManifestList {
  /** REQUIRED: 2. */
  readonly schemaVersion: 2;
  /** REQUIRED. */
  readonly mediaType: typeof MediaType.DockerManifestList;
  /** REQUIRED. */
  readonly manifests: readonly DockerManifestListEntry[];
}

const dockerManifest: Rule<DockerManifest> = unambiguous(
  object<DockerManifest>(
    {
      schemaVersion: constant(2),
      mediaType: constant(MediaType.DockerManifest),
      config: descriptor,
      layers: descriptors,
    },
    ['schemaVersion', 'mediaType', 'config', 'layers'],
  ),
  ['schemaVersion', 'mediaType', 'config', 'layers'],
  ['manifests', 'fsLayers'],
);

const withPlatform = object<Pick<DockerManifestListEntry, 'platform'>>(
  {
    platform: (value, at) => withFeatures(platform(value, at), at) as DockerPlatform,
  },
  ['platform'],
);
const withFeatures = object<Pick<DockerPlatform, 'features'>>({ features: strings });

// A rule keeps the members that it does not know, so a value that has passed two rules is of both types.
const entry: Rule<DockerManifestListEntry> = (value, at) =>
  withPlatform(descriptor(value, at), at) as DockerManifestListEntry;

const dockerManifestList: Rule<DockerManifestList> = unambiguous(
  object<DockerManifestList>(
    { schemaVersion: constant(2), mediaType: constant(MediaType.DockerManifestList), manifests: list(entry) },
    ['schemaVersion', 'mediaType', 'manifests'],
  ),
  ['schemaVersion', 'mediaType', 'manifests'],
  ['layers', 'config', 'fsLayers'],
);

/** True for what {@link parseDockerManifest} returns as it is. */
export function isDockerManifest(value: unknown): value is DockerManifest {
  return satisfies(dockerManifest, value);
}

/** @throws LadingError `invalid_argument` naming the path of the fault, as in `manifest.layers[0].digest` */
export function parseDockerManifest(input: DocumentInput, options?: ParseOptions): DockerManifest {
  return parseDocument('manifest', dockerManifest, input, options);
}

/** True for what {@link parseDockerManifestList} returns as it is. */
export function isDockerManifestList(value: unknown): value is DockerManifestList {
  return satisfies(dockerManifestList, value);
}

/** @throws LadingError `invalid_argument` naming the path of the fault, as in `list.manifests[0].platform.os` */
export function parseDockerManifestList(input: DocumentInput, options?: ParseOptions): DockerManifestList {
  return parseDocument('list', dockerManifestList, input, options);
}

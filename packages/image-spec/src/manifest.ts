// SPDX-License-Identifier: Apache-2.0

import {
  constant,
  type DocumentInput,
  list,
  map,
  object,
  type ParseOptions,
  parseDocument,
  type Rule,
  type Rules,
  satisfies,
  string,
  text,
} from '@lading/document';
import { type Descriptor, descriptor } from './descriptor.ts';
import { isIndexType, isManifestType, mediaType } from './media-type.ts';
import { unambiguous } from './unambiguous.ts';

/**
 * One image, or an artifact in the form of one.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 */
export interface Manifest {
  /** REQUIRED: 2. */
  readonly schemaVersion: 2;
  /** OPTIONAL, but SHOULD be used: of this document. Docker's is accepted too. */
  readonly mediaType?: string;
  /** OPTIONAL. What kind of artifact this is; REQUIRED by the specification when the config is the empty one. */
  readonly artifactType?: string;
  /** REQUIRED. The config: of an image, its `ImageConfig`. */
  readonly config: Descriptor;
  /** REQUIRED. Lowest layer first; may be empty. */
  readonly layers: readonly Descriptor[];
  /** OPTIONAL. The manifest that this one says something about: the image that a signature signs. */
  readonly subject?: Descriptor;
  /** OPTIONAL. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * A set of manifests, mostly one a platform.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md
 */
export interface Index {
  /** REQUIRED: 2. */
  readonly schemaVersion: 2;
  /** OPTIONAL, but SHOULD be used: of this document. Docker's manifest list is accepted too. */
  readonly mediaType?: string;
  /** OPTIONAL. What kind of artifact this is an index of. */
  readonly artifactType?: string;
  /** REQUIRED; may be empty. */
  readonly manifests: readonly Descriptor[];
  /** OPTIONAL. The manifest that this index says something about. */
  readonly subject?: Descriptor;
  /** OPTIONAL. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Go writes a nil slice as null. */
export const descriptors: Rule<readonly Descriptor[]> = (value, at) =>
  value === null ? [] : list(descriptor)(value, at);

const shared = {
  schemaVersion: constant(2),
  artifactType: mediaType,
  subject: descriptor,
  annotations: map(string),
};
const manifestRules: Rules<Manifest> = {
  ...shared,
  mediaType: text('the media type of a manifest', isManifestType),
  config: descriptor,
  layers: descriptors,
};
const indexRules: Rules<Index> = {
  ...shared,
  mediaType: text('the media type of an index', isIndexType),
  manifests: descriptors,
};

export const manifest: Rule<Manifest> = unambiguous(
  object<Manifest>(manifestRules, ['schemaVersion', 'config', 'layers']),
  Object.keys(manifestRules) as (keyof Manifest)[],
  ['manifests', 'fsLayers'],
);

export const index: Rule<Index> = unambiguous(
  object<Index>(indexRules, ['schemaVersion', 'manifests']),
  Object.keys(indexRules) as (keyof Index)[],
  ['layers', 'config', 'fsLayers'],
);

/** True for what {@link parseManifest} returns as it is. */
export function isManifest(value: unknown): value is Manifest {
  return satisfies(manifest, value);
}

/** True for what {@link parseIndex} returns as it is. */
export function isIndex(value: unknown): value is Index {
  return satisfies(index, value);
}

/** @throws LadingError `invalid_argument` naming the path of the fault, as in `manifest.layers[0].digest` */
export function parseManifest(input: DocumentInput, options?: ParseOptions): Manifest {
  return parseDocument('manifest', manifest, input, options);
}

/** @throws LadingError `invalid_argument` naming the path of the fault, as in `index.manifests[0].size` */
export function parseIndex(input: DocumentInput, options?: ParseOptions): Index {
  return parseDocument('index', index, input, options);
}

// SPDX-License-Identifier: Apache-2.0

import {
  constant,
  type DocumentInput,
  invalid,
  list,
  map,
  object,
  type ParseOptions,
  parseDocument,
  type Rule,
  satisfies,
  string,
  text,
} from '@lading/document';
import { type Descriptor, descriptor } from './descriptor.ts';
import { isIndexType, isManifestType, mediaType } from './media-type.ts';

/**
 * One image: its config and its layers, lowest first.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 */
export interface Manifest {
  /** REQUIRED: 2. */
  readonly schemaVersion: 2;
  /** Of this document; Docker's is accepted too. */
  readonly mediaType?: string;
  /** REQUIRED when the config is the empty descriptor: what kind of artifact this is. */
  readonly artifactType?: string;
  /** REQUIRED. */
  readonly config: Descriptor;
  /** REQUIRED; may be empty. */
  readonly layers: readonly Descriptor[];
  /** The manifest that this one says something about: an image that a signature signs. */
  readonly subject?: Descriptor;
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
  /** Of this document; Docker's manifest list is accepted too. */
  readonly mediaType?: string;
  readonly artifactType?: string;
  /** REQUIRED; may be empty. */
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Go writes a nil slice as null. */
const descriptors: Rule<readonly Descriptor[]> = (value, at) =>
  value === null ? [] : list(descriptor)(value, at);

export const manifest: Rule<Manifest> = unambiguous(
  object<Manifest>(
    {
      schemaVersion: constant(2),
      mediaType: text('the media type of a manifest', isManifestType),
      artifactType: mediaType,
      config: descriptor,
      layers: descriptors,
      subject: descriptor,
      annotations: map(string),
    },
    ['schemaVersion', 'config', 'layers'],
  ),
  ['manifests', 'fsLayers'],
);

export const index: Rule<Index> = unambiguous(
  object<Index>(
    {
      schemaVersion: constant(2),
      mediaType: text('the media type of an index', isIndexType),
      artifactType: mediaType,
      manifests: descriptors,
      subject: descriptor,
      annotations: map(string),
    },
    ['schemaVersion', 'manifests'],
  ),
  ['layers', 'config', 'fsLayers'],
);

/**
 * Refuses a document that could be read as the other kind as well: two programs would see two images behind
 * one digest (CVE-2021-41190).
 */
function unambiguous<T extends object>(rule: Rule<T>, foreign: readonly string[]): Rule<T> {
  return (value, at) => {
    const checked = rule(value, at);
    for (const name of foreign) {
      if (Object.hasOwn(checked, name)) throw invalid(`${at}.${name}`, 'nothing in such a document', value);
    }
    return checked;
  };
}

export function isManifest(value: unknown): value is Manifest {
  return satisfies(manifest, value);
}

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

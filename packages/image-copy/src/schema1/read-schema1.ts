// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Digest,
  type DockerManifestV1,
  dockerManifestV1Payload,
  MediaType,
  parseDockerManifestV1,
} from '@lading/image-spec';

/** One step of an image of schema 1. */
export interface Schema1Layer {
  readonly digest: Digest;
  /** The JSON text that says what the step was; of the topmost one, it is the image's config. */
  readonly compatibility: string;
  readonly id: string;
  readonly parent: string;
  readonly created?: string | undefined;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  readonly command: readonly string[];
  /** The step changed no file: its layer is an empty archive, which later formats leave out. */
  readonly isEmpty: boolean;
}

/** What a manifest of schema 1 says. */
export interface Schema1 {
  readonly manifest: DockerManifestV1;
  /** Lowest first. */
  readonly layers: readonly Schema1Layer[];
}

export function isSchema1Type(mediaType: string): boolean {
  return mediaType === MediaType.DockerManifestV1 || mediaType === MediaType.DockerManifestV1Signed;
}

/** For places that do not keep media types: whether the document says that it is one. */
export function isSchema1(bytes: Uint8Array): boolean {
  return record(parse(new TextDecoder().decode(bytes))).schemaVersion === 1;
}

/**
 * Reads a manifest of schema 1 by what was signed of it: members beside that are by nobody. The signature is not
 * checked, as nothing says whose key it should be.
 *
 * @throws InvalidArgument (`MANIFEST_INVALID`) for steps that do not stand on each other
 */
export function readSchema1(bytes: Uint8Array): Schema1 {
  const manifest = parseDockerManifestV1(dockerManifestV1Payload(parseDockerManifestV1(bytes)));
  const topDown = manifest.fsLayers.map(({ blobSum }, i) =>
    readLayer(blobSum, manifest.history[i]?.v1Compatibility ?? ''),
  );
  const layers = topDown.filter((layer, i) => layer.id !== topDown[i + 1]?.id).reverse();
  if (layers.length === 0) throw invalid('lists no layer');
  const ids = new Set<string>();
  for (const [i, { id, parent }] of layers.entries()) {
    if (!/^[0-9a-f]{64}$/.test(id)) throw invalid('has a layer whose ID is none');
    if (ids.has(id)) throw invalid(`has the layer ${id} twice`);
    ids.add(id);
    if (parent !== (layers[i - 1]?.id ?? '')) throw invalid(`has a wrong parent for the layer ${id}`);
  }
  return { manifest, layers };
}

function readLayer(digest: Digest, compatibility: string): Schema1Layer {
  const value = record(parse(compatibility));
  const { created, throwaway } = value;
  const command = record(value.container_config ?? {}).Cmd;
  return {
    digest,
    compatibility,
    id: text(value.id) ?? '',
    parent: text(value.parent) ?? '',
    created: text(created),
    author: text(value.author),
    comment: text(value.comment),
    command: Array.isArray(command) ? command.map(String) : [],
    isEmpty: throwaway === true,
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw invalid('is not JSON', cause);
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid('has a list or a text where an object should be');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function invalid(what: string, cause?: unknown): LadingError {
  return new LadingError(Code.InvalidArgument, `the manifest of schema 1 ${what}`, {
    reason: 'MANIFEST_INVALID',
    ...(cause === undefined ? {} : { cause }),
  });
}

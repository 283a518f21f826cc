// SPDX-License-Identifier: Apache-2.0

import { type DocumentInput, describe, type ParseOptions, readJson, remember } from '@lading/document';
import { Code, LadingError } from '@lading/errors';
import { type Index, index, type Manifest, manifest } from './manifest.ts';
import { isIndexType, isManifestType, MediaType } from './media-type.ts';

export type ManifestOrIndex =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'index'; readonly index: Index };

/**
 * Reads what a registry serves under a tag. `mediaType` is what the sender says it is (the Content-Type, or
 * the descriptor's); a document that says otherwise of itself is refused. Without it, and without a media
 * type in the document, its members tell.
 *
 * @throws LadingError `invalid_argument` naming the fault; `unimplemented` for Docker's schema 1 and for
 * types that are no manifest
 */
export function parseManifestOrIndex(
  input: DocumentInput,
  mediaType?: string,
  options: ParseOptions = {},
): ManifestOrIndex {
  const value = readJson('manifest', input, options);
  const own = member(value, 'mediaType');
  if (mediaType !== undefined && typeof own === 'string' && own !== mediaType) {
    throw new LadingError(
      Code.InvalidArgument,
      `manifest.mediaType: the document says ${describe(own)}, its sender ${describe(mediaType)}`,
      { reason: 'MANIFEST_INVALID' },
    );
  }
  if (kindOf(value, mediaType ?? own) === 'index') {
    return { kind: 'index', index: remember(index(value, 'index'), input) };
  }
  return { kind: 'manifest', manifest: remember(manifest(value, 'manifest'), input) };
}

function kindOf(value: unknown, type: unknown): 'manifest' | 'index' {
  if (type === MediaType.DockerManifestV1 || type === MediaType.DockerManifestV1Signed || isSchema1(value)) {
    throw new LadingError(
      Code.Unimplemented,
      'the image is in the old Docker format (schema 1): rebuild or push it anew',
      { reason: 'UNSUPPORTED' },
    );
  }
  if (typeof type !== 'string') return member(value, 'manifests') === undefined ? 'manifest' : 'index';
  if (isIndexType(type)) return 'index';
  if (isManifestType(type)) return 'manifest';
  throw new LadingError(Code.Unimplemented, `${describe(type)} is not the type of a manifest or an index`, {
    reason: 'UNSUPPORTED',
  });
}

function isSchema1(value: unknown): boolean {
  return member(value, 'schemaVersion') === 1;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/**
 * The media type of a manifest or index whose sender has told none: what it says of itself, else the OCI's.
 *
 * @throws LadingError as `parseManifestOrIndex`
 * @example
 * ```ts
 * import { encodeJson, manifestTypeOf } from '@lading/image-spec';
 *
 * console.log(manifestTypeOf(encodeJson({ schemaVersion: 2, manifests: [] })));
 * // → application/vnd.oci.image.index.v1+json
 * ```
 */
export function manifestTypeOf(bytes: DocumentInput): string {
  const document = parseManifestOrIndex(bytes);
  if (document.kind === 'index') return document.index.mediaType ?? MediaType.ImageIndex;
  return document.manifest.mediaType ?? MediaType.ImageManifest;
}

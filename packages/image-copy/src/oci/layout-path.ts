// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm, digestHex, isDigest } from '@lading/image-spec';

/** What `oci:PATH[:REF]` and `oci-archive:PATH[:REF]` name. */
export interface LayoutReference {
  /** Absolute. */
  readonly path: string;
  /** The folder of the blobs; it may be one that layouts share. */
  readonly blobs: string;
  /** The name in the layout: its `org.opencontainers.image.ref.name`. */
  readonly name: string | undefined;
  /** `oci:PATH:@2`: the third entry of the index. */
  readonly position: number | undefined;
  /** `oci:PATH:@sha256:…`: the manifest of this digest, in the index or in an index below it. */
  readonly digest: Digest | undefined;
  readonly text: string;
}

export interface ParseLayoutOptions {
  /** Default `oci`. */
  readonly transport?: 'oci' | 'oci-archive' | undefined;
  /** A folder that has the blobs of several layouts. Default: `blobs` in the layout. */
  readonly sharedBlobs?: string | undefined;
}

// The specification's grammar of ref.name.
const namePattern = /^[A-Za-z0-9]+(?:[-._:@+]|--|[A-Za-z0-9]+|\/(?=[A-Za-z0-9]))*$/;

/** Reads what follows `oci:` or `oci-archive:`. The path ends at the first colon. */
export function parseLayoutReference(
  text: string,
  cwd: string,
  { transport = 'oci', sharedBlobs }: ParseLayoutOptions = {},
): LayoutReference {
  const fault = (hint: string): LadingError =>
    new LadingError(Code.InvalidArgument, `${transport}:${text.slice(0, 200)}: ${hint}`);
  const colon = text.indexOf(':');
  const given = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  if (given === '') throw fault(`write ${transport}:PATH or ${transport}:PATH:REF`);
  const path = resolve(cwd, given);
  const blobs = sharedBlobs === undefined ? join(path, 'blobs') : resolve(cwd, sharedBlobs);
  const shown = { path, blobs, text: `${transport}:${text}` };
  const unnamed = { ...shown, name: undefined, position: undefined, digest: undefined };
  if (rest === '') return unnamed;
  const [, position] = /^@(\d{1,6})$/.exec(rest) ?? [];
  if (position !== undefined) return { ...unnamed, position: Number(position) };
  const digest = rest.startsWith('@') ? rest.slice(1) : '';
  if (isDigest(digest)) return { ...unnamed, digest };
  if (rest.length > 1024 || !namePattern.test(rest)) {
    throw fault('a name in a layout is letters and digits with - . _ : @ + / between them');
  }
  return { ...unnamed, name: rest };
}

/** Where a folder of blobs keeps one. A digest has no slash and no dots to climb with. */
export function blobPath(blobs: string, digest: Digest): string {
  return join(blobFolder(blobs, digest), digestHex(digest));
}

export function blobFolder(blobs: string, digest: Digest): string {
  return join(blobs, digestAlgorithm(digest));
}

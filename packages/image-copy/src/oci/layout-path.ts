// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm, digestHex } from '@lading/image-spec';

/** What `oci:PATH[:REF]` names. */
export interface LayoutReference {
  /** Absolute. */
  readonly path: string;
  /** The name in the layout: its `org.opencontainers.image.ref.name`. */
  readonly name: string | undefined;
  /** `oci:PATH:@2`: the third entry of the index. */
  readonly position: number | undefined;
  readonly text: string;
}

// The specification's grammar of ref.name.
const namePattern = /^[A-Za-z0-9]+(?:[-._:@+]|--|[A-Za-z0-9]+|\/(?=[A-Za-z0-9]))*$/;

/** Reads what follows `oci:`. The path ends at the first colon. */
export function parseLayoutReference(text: string, cwd: string): LayoutReference {
  const colon = text.indexOf(':');
  const path = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  if (path === '') throw fault(text, 'write oci:PATH or oci:PATH:REF');
  const shown = { path: resolve(cwd, path), text: `oci:${text}` };
  const [, position] = /^@(\d{1,6})$/.exec(rest) ?? [];
  if (position !== undefined) return { ...shown, name: undefined, position: Number(position) };
  if (rest !== '' && (rest.length > 1024 || !namePattern.test(rest))) {
    throw fault(text, 'a name in a layout is letters and digits with - . _ : @ + / between them');
  }
  return { ...shown, name: rest === '' ? undefined : rest, position: undefined };
}

/** Where a layout keeps a blob. A digest has no slash and no dots to climb with. */
export function blobPath(layout: string, digest: Digest): string {
  return join(blobFolder(layout, digest), digestHex(digest));
}

export function blobFolder(layout: string, digest: Digest): string {
  return join(layout, 'blobs', digestAlgorithm(digest));
}

function fault(text: string, hint: string): LadingError {
  return new LadingError(Code.InvalidArgument, `oci:${text.slice(0, 200)}: ${hint}`);
}

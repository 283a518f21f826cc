// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type Digest, digestAlgorithm, digestHex } from '@lading/image-spec';

/**
 * A served folder holds one OCI image layout a repository, at `NAME/_layout`, and unfinished uploads at
 * `_uploads`. No component of a repository's name begins with an underscore, so neither is ever in a name's way.
 */
export const layoutFolder = '_layout';
export const uploadsFolder = '_uploads';

/** The OCI image layout of a repository. */
export function layoutPath(root: string, repository: string): string {
  return join(root, repository, layoutFolder);
}

export function blobPath(root: string, repository: string, digest: Digest): string {
  return join(layoutPath(root, repository), 'blobs', digestAlgorithm(digest), digestHex(digest));
}

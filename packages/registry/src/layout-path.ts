// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestAlgorithm, digestHex } from '@lading/image-spec';
import { isName } from './names.ts';

/**
 * A served folder holds one OCI image layout a repository, at `NAME/_layout`, and unfinished uploads at
 * `_uploads`. No component of a repository's name begins with an underscore, so neither is ever in a name's way.
 */
const layoutFolder = '_layout';
export const uploadsFolder = '_uploads';

/** The OCI image layout of a repository. */
export function layoutPath(root: string, repository: string): string {
  return join(root, repository, layoutFolder);
}

export function blobPath(root: string, repository: string, digest: Digest): string {
  return join(layoutPath(root, repository), 'blobs', digestAlgorithm(digest), digestHex(digest));
}

/** The repositories of a served folder. Symbolic links are not followed: they could lead out of it. */
export async function findRepositories(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  const search = async (name: string): Promise<void> => {
    for (const entry of await readdir(join(root, name), { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const next = name === '' ? entry.name : `${name}/${entry.name}`;
      if (entry.name === layoutFolder && name !== '') found.push(name);
      else if (isName(next)) await search(next);
    }
  };
  await search('');
  return found;
}

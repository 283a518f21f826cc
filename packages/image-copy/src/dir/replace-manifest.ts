// SPDX-License-Identifier: Apache-2.0
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode } from '@lading/errors';
import { temporaryPath } from '@lading/registry-client/layout';
import { readDocument, replaceFile } from '../blob-file.ts';
import { isTopSignature, manifestPath } from './files.ts';

/**
 * Replaces the manifest of a folder, and its signatures by path. Whoever reads meanwhile, or after a writer that was
 * killed, may miss signatures, but never finds those of another manifest.
 */
export async function replaceManifest(
  folder: string,
  manifest: Uint8Array,
  signatures: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const staged: (readonly [temporary: string, path: string])[] = [];
  try {
    // All is written before anything is taken away: what is left to fail then is little.
    for (const [path, bytes] of [[manifestPath(folder), manifest] as const, ...signatures]) {
      const temporary = temporaryPath(folder);
      staged.push([temporary, path]);
      await replaceFile(temporary, bytes);
    }
    if (!(await isThere(folder, manifest))) await removeTopSignatures(folder);
    for (const [temporary, path] of staged) await rename(temporary, path);
  } finally {
    for (const [temporary] of staged) await rm(temporary, { force: true });
  }
}

async function isThere(folder: string, manifest: Uint8Array): Promise<boolean> {
  try {
    const found = await readDocument(manifestPath(folder), 'the manifest', 'MANIFEST_UNKNOWN');
    return Buffer.from(found).equals(manifest);
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return false;
    throw error;
  }
}

async function removeTopSignatures(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter(isTopSignature);
  for (const name of names) await rm(join(folder, name), { force: true });
}

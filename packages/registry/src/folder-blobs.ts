// SPDX-License-Identifier: Apache-2.0
import { link, open, readdir, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDigest } from '@lading/image-spec';
import type { BlobStore } from './blob-store.ts';
import { hasErrno, makeFolder, syncFolder } from './durable.ts';
import { createFolderUploads } from './folder-uploads.ts';
import { blobPath, layoutPath, uploadsFolder } from './layout-path.ts';
import { readRange } from './read-range.ts';

/** So much may a blob's time of use be behind: not every HEAD is a write to the disk. */
const usedAccuracyMs = 60_000;

/**
 * Keeps blobs as files; one that is mounted in several repositories is one file with several links. With
 * `readOnly` nothing on the disk is changed, times of use neither.
 */
export async function createFolderBlobs(
  root: string,
  names: Iterable<string>,
  readOnly: boolean,
): Promise<BlobStore> {
  const repositories = new Set(names);
  const uploads = createFolderUploads(root, (repository) => repositories.add(repository));
  if (!readOnly) await makeFolder(join(root, uploadsFolder));

  return {
    ...uploads,
    ...(readOnly ? { sessions: async () => [] } : {}),
    repositories: () => repositories,
    async size(repository, digest) {
      const path = blobPath(root, repository, digest);
      const facts = await ifThere(stat(path));
      if (!readOnly && facts !== undefined && Date.now() - facts.mtimeMs > usedAccuracyMs) await touch(path);
      return facts?.size;
    },
    async open(repository, digest) {
      const file = await ifThere(open(blobPath(root, repository, digest), 'r'));
      if (file === undefined) return undefined;
      try {
        const { size } = await file.stat();
        return { size, read: (range) => readRange(file, range), close: () => file.close() };
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    async mount(digest, from, to) {
      const target = blobPath(root, to, digest);
      await makeFolder(dirname(target));
      try {
        if ((await ifThere(link(blobPath(root, from, digest), target).then(() => true))) === undefined) {
          return false;
        }
      } catch (error) {
        if (!hasErrno(error, 'EEXIST')) throw error;
      }
      repositories.add(to);
      await touch(target);
      await syncFolder(dirname(target));
      return true;
    },
    async delete(repository, digest) {
      const path = blobPath(root, repository, digest);
      return (await ifThere(unlink(path).then(() => true))) ?? false;
    },
    async list(repository) {
      const folder = join(layoutPath(root, repository), 'blobs');
      const found: string[] = [];
      for (const algorithm of (await ifThere(readdir(folder))) ?? []) {
        const names = (await ifThere(readdir(join(folder, algorithm)))) ?? [];
        found.push(...names.map((name) => `${algorithm}:${name}`));
      }
      return found.filter(isDigest);
    },
    async facts(repository, digest) {
      const facts = await ifThere(stat(blobPath(root, repository, digest)));
      return facts === undefined ? undefined : { sizeBytes: facts.size, usedMs: facts.mtimeMs };
    },
  };
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await ifThere(utimes(path, now, now));
}

/** Undefined where there is no such file, or a file where a folder would be. */
async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

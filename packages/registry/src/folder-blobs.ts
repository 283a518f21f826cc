// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestAlgorithm, digestHex } from '@lading/image-spec';
import type { BlobStore, Upload } from './blob-store.ts';
import { blobPath, uploadsFolder } from './layout-path.ts';
import { specError } from './spec-error.ts';

const readBytes = 1024 * 1024;

/** Keeps blobs as files; one that is mounted in several repositories is one file with several links. */
export async function createFolderBlobs(root: string): Promise<BlobStore> {
  const uploads = join(root, uploadsFolder);
  // What an earlier process left unfinished cannot be continued: its state was in that process's memory.
  await rm(uploads, { recursive: true, force: true });
  await mkdir(uploads, { recursive: true, mode: 0o700 });

  return {
    size: (repository, digest) => sizeOf(blobPath(root, repository, digest)),
    read: (repository, digest, { start, end }) =>
      createReadStream(blobPath(root, repository, digest), { start, end, highWaterMark: readBytes }),
    begin: () => beginUpload(root, join(uploads, randomUUID())),
    async mount(digest, from, to) {
      const target = blobPath(root, to, digest);
      await mkdir(dirname(target), { recursive: true });
      try {
        await link(blobPath(root, from, digest), target);
        return true;
      } catch (error) {
        if (hasErrno(error, 'EEXIST')) return true;
        if (hasErrno(error, 'ENOENT')) return false;
        throw error;
      }
    },
    async delete(repository, digest) {
      try {
        await unlink(blobPath(root, repository, digest));
        return true;
      } catch (error) {
        if (hasErrno(error, 'ENOENT')) return false;
        throw error;
      }
    },
  };
}

async function beginUpload(root: string, path: string): Promise<Upload> {
  const file = await open(path, 'wx+', 0o644);
  const running = createHash('sha256');
  let size = 0;
  return {
    get size() {
      return size;
    },
    async append(source) {
      for await (const chunk of source) {
        running.update(chunk);
        for (let written = 0; written < chunk.length; ) {
          const { bytesWritten } = await file.write(chunk, written, chunk.length - written, size + written);
          written += bytesWritten;
        }
        size += chunk.length;
      }
    },
    async *read({ start, end }) {
      // By the open file, which keeps its bytes when `commit` gives them another name.
      for (let offset = start; offset <= end; ) {
        const room = Buffer.allocUnsafe(Math.min(readBytes, end - offset + 1));
        const { bytesRead } = await file.read(room, 0, room.length, offset);
        if (bytesRead === 0) throw new Error('the upload is shorter than what was written to it');
        offset += bytesRead;
        yield room.subarray(0, bytesRead);
      }
    },
    async commit(repository, digest) {
      const sha256 = digestAlgorithm(digest) === 'sha256';
      const hex = sha256 ? running.copy().digest('hex') : await hashFile(path, digestAlgorithm(digest));
      if (hex !== digestHex(digest))
        throw specError('DIGEST_INVALID', 'the uploaded bytes have another digest');
      const target = blobPath(root, repository, digest);
      await mkdir(dirname(target), { recursive: true });
      // On disk before it has its name: after a crash there is the whole blob or none.
      await file.datasync();
      await rename(path, target);
    },
    async discard() {
      await file.close();
      await rm(path, { force: true });
    },
  };
}

async function hashFile(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: readBytes })) hash.update(chunk);
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const { size } = await stat(path);
    return size;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** True for a system error with this name. */
export function hasErrno(error: unknown, errno: string): boolean {
  return error instanceof Error && 'code' in error && error.code === errno;
}

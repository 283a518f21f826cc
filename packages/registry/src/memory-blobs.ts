// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm, digestHex } from '@lading/image-spec';
import type { BlobStore, ByteRange, Upload } from './blob-store.ts';
import { specError } from './spec-error.ts';

type Chunks = readonly Uint8Array[];

/** Keeps blobs in memory, each once however many repositories have it. */
export function createMemoryBlobs(): BlobStore {
  const repositories = new Map<string, Map<Digest, Chunks>>();
  const blobsOf = (repository: string): Map<Digest, Chunks> => {
    const known = repositories.get(repository);
    if (known !== undefined) return known;
    const made = new Map<Digest, Chunks>();
    repositories.set(repository, made);
    return made;
  };

  return {
    async size(repository, digest) {
      const chunks = repositories.get(repository)?.get(digest);
      return chunks?.reduce((sum, chunk) => sum + chunk.length, 0);
    },
    read: (repository, digest, range) => slices(repositories.get(repository)?.get(digest) ?? [], range),
    async begin(): Promise<Upload> {
      let chunks: Uint8Array[] = [];
      let size = 0;
      return {
        get size() {
          return size;
        },
        async append(source) {
          for await (const chunk of source) {
            chunks.push(chunk);
            size += chunk.length;
          }
        },
        read: (range) => slices(chunks, range),
        async commit(repository, digest) {
          const hash = createHash(digestAlgorithm(digest));
          for (const chunk of chunks) hash.update(chunk);
          if (hash.digest('hex') !== digestHex(digest)) {
            throw specError('DIGEST_INVALID', 'the uploaded bytes have another digest');
          }
          blobsOf(repository).set(digest, chunks);
        },
        async discard() {
          chunks = [];
        },
      };
    },
    async mount(digest, from, to) {
      const chunks = repositories.get(from)?.get(digest);
      if (chunks === undefined) return false;
      blobsOf(to).set(digest, chunks);
      return true;
    },
    async delete(repository, digest) {
      return repositories.get(repository)?.delete(digest) ?? false;
    },
  };
}

async function* slices(chunks: Chunks, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, start - offset), Math.max(0, end + 1 - offset));
    offset += chunk.length;
    if (part.length > 0) yield part;
  }
}

// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from 'node:crypto';
import { type Digest, digestAlgorithm, digestHex } from '@lading/image-spec';
import type { BlobStore, OpenBlob, Upload } from './blob-store.ts';
import { digestMismatch, sizeMismatch } from './spec-error.ts';

interface MemoryBlob {
  readonly pieces: readonly Uint8Array[];
  readonly size: number;
  usedMs: number;
}

/** Small pieces of a stream are joined up to this size: a blob is read in as few steps as a file. */
const pieceBytes = 1024 * 1024;

/** Keeps blobs in memory, each once however many repositories it is mounted in. */
export function createMemoryBlobs(): BlobStore {
  const repositories = new Map<string, Map<Digest, MemoryBlob>>();
  const put = (repository: string, digest: Digest, { pieces, size }: Omit<MemoryBlob, 'usedMs'>) => {
    const blobs = repositories.get(repository) ?? new Map<Digest, MemoryBlob>();
    repositories.set(repository, blobs.set(digest, { pieces, size, usedMs: Date.now() }));
  };

  return {
    repositories: () => repositories.keys(),
    async size(repository, digest) {
      const blob = repositories.get(repository)?.get(digest);
      if (blob !== undefined) blob.usedMs = Date.now();
      return blob?.size;
    },
    async open(repository, digest) {
      const blob = repositories.get(repository)?.get(digest);
      return blob === undefined ? undefined : openPieces(blob);
    },
    begin: async () => createMemoryUpload(put),
    beginSession: async (repository) => {
      return { id: randomUUID(), repository, upload: createMemoryUpload(put), usedMs: Date.now() };
    },
    sessions: async () => [],
    async mount(digest, from, to) {
      const blob = repositories.get(from)?.get(digest);
      if (blob !== undefined) put(to, digest, blob);
      return blob !== undefined;
    },
    async delete(repository, digest) {
      return repositories.get(repository)?.delete(digest) ?? false;
    },
    async list(repository) {
      return [...(repositories.get(repository)?.keys() ?? [])];
    },
    async facts(repository, digest) {
      const blob = repositories.get(repository)?.get(digest);
      return blob === undefined ? undefined : { sizeBytes: blob.size, usedMs: blob.usedMs };
    },
  };
}

function openPieces({ pieces, size }: Omit<MemoryBlob, 'usedMs'>): OpenBlob {
  return {
    size,
    async *read({ start, end }) {
      let offset = 0;
      for (const piece of pieces) {
        const part = piece.subarray(Math.max(0, start - offset), Math.max(0, end + 1 - offset));
        offset += piece.length;
        if (part.length > 0) yield part;
      }
    },
    async close() {},
  };
}

function createMemoryUpload(
  put: (repository: string, digest: Digest, blob: Omit<MemoryBlob, 'usedMs'>) => void,
): Upload {
  let pieces: readonly Uint8Array[] = [];
  let size = 0;

  async function append(source: AsyncIterable<Uint8Array>, end: number): Promise<void> {
    let small: Uint8Array[] = [];
    let waiting = 0;
    const join = () => {
      if (waiting > 0) pieces = [...pieces, Buffer.concat(small)];
      size += waiting;
      [small, waiting] = [[], 0];
    };
    try {
      for await (const chunk of source) {
        small.push(chunk);
        waiting += chunk.length;
        if (size + waiting > end) break;
        if (waiting >= pieceBytes) join();
      }
    } finally {
      join();
    }
  }

  return {
    get size() {
      return size;
    },
    async append(source, expectedBytes = Infinity) {
      const before = { pieces, size };
      const end = size + expectedBytes;
      await append(source, end);
      if (end === Infinity || end === size) return;
      ({ pieces, size } = before);
      throw sizeMismatch();
    },
    async verify(digest) {
      const hash = createHash(digestAlgorithm(digest));
      for (const piece of pieces) hash.update(piece);
      if (hash.digest('hex') !== digestHex(digest)) throw digestMismatch();
    },
    open: async () => ({
      get size() {
        return size;
      },
      read: (range) => openPieces({ pieces, size }).read(range),
      async close() {},
    }),
    async publish(repository, digest) {
      put(repository, digest, { pieces, size });
    },
    async discard() {
      pieces = [];
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, parseDigest } from '@lading/image-spec';
import type { ImageStore } from './image-store.ts';
import { readAll } from './limits.ts';

/** Images in memory: for tests, and for artifacts that are small. */
export function createMemoryStore(): ImageStore {
  const contents = new Map<Digest, Uint8Array>();
  const images = new Map<string, Descriptor>();

  function contentOf({ digest }: Descriptor): Uint8Array {
    const bytes = contents.get(digest);
    if (bytes !== undefined) return bytes;
    throw new LadingError(Code.NotFound, `${digest} is not in the store`, { reason: 'BLOB_UNKNOWN' });
  }

  return {
    has: async ({ digest, size }) => contents.get(digest)?.length === size,
    async *read(descriptor, { offset = 0 } = {}) {
      yield contentOf(descriptor).subarray(offset);
    },
    async write({ digest, size }, source) {
      contents.set(parseDigest(digest), await readAll(source, size, `the content ${digest}`));
    },
    async resolve(nameOrDigest) {
      const found = images.get(nameOrDigest);
      if (found !== undefined) return found;
      throw new LadingError(Code.NotFound, `no image ${nameOrDigest} in the store`, {
        reason: 'MANIFEST_UNKNOWN',
      });
    },
    async tag(descriptor, name) {
      images.set(descriptor.digest, descriptor);
      if (name !== undefined) images.set(name, descriptor);
    },
  };
}

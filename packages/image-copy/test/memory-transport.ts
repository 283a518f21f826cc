// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, descriptorOf, verifyStream } from '@lading/image-spec';
import type { CallOptions, ImageTransport, ManifestBytes } from '../src/index.ts';

/** A transport as a user would write one: images are kept in memory, by name. The README has the same. */
export function createMemoryTransport(): ImageTransport {
  const blobs = new Map<string, Uint8Array>();
  const manifests = new Map<string, ManifestBytes>();
  const names = new Map<string, ManifestBytes>();
  const take = <T>(from: ReadonlyMap<string, T>, key: string): T => {
    const found = from.get(key);
    if (found === undefined) throw new LadingError(Code.NotFound, `${key} is not in memory`);
    return found;
  };
  const verified = (
    bytes: AsyncIterable<Uint8Array>,
    { digest, size }: Descriptor,
    { signal }: CallOptions = {},
  ) =>
    verifyStream(
      bytes,
      { digest, size },
      (algorithm) => createHash(algorithm),
      signal === undefined ? {} : { signal },
    );

  return {
    name: 'memory',
    async openSource(name) {
      return {
        reference: `memory:${name}`,
        manifest: async (instance) =>
          instance === undefined ? take(names, name) : take(manifests, instance),
        async *blob(descriptor, options) {
          const bytes = (async function* () {
            yield take(blobs, descriptor.digest);
          })();
          for await (const chunk of verified(bytes, descriptor, options)) {
            yield chunk;
            options?.onProgress?.(descriptor.size);
          }
        },
        async close() {},
      };
    },
    async openDestination(name) {
      let top: ManifestBytes | undefined;
      return {
        reference: `memory:${name}`,
        async putBlob(descriptor, source, options) {
          if (blobs.has(descriptor.digest)) return 'exists';
          const chunks = await Array.fromAsync(verified(source(), descriptor, options));
          blobs.set(descriptor.digest, Buffer.concat(chunks));
          return 'stored';
        },
        async putManifest(bytes, mediaType, { instance } = {}) {
          const { digest } = await descriptorOf(mediaType, bytes);
          manifests.set(digest, { bytes, mediaType, digest });
          if (instance === undefined) top = { bytes, mediaType, digest };
        },
        async commit() {
          if (top !== undefined) names.set(name, top);
        },
        async abort() {
          top = undefined;
        },
        async close() {},
      };
    },
  };
}

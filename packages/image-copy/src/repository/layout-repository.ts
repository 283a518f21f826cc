// SPDX-License-Identifier: Apache-2.0

import { rm, stat } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import {
  Annotation,
  type Descriptor,
  type Digest,
  descriptorOf,
  isDigest,
  manifestTypeOf,
  verifyBytes,
} from '@lading/image-spec';
import { makeFolders } from '@lading/linux';
import { referrerOf } from '@lading/registry-client';
import { hasFile, readBlobFile, readDocument, writeBlobFile } from '../blob-file.ts';
import { addEntry, changeEntries, existingIndex, findEntry, nameOf, unnamed } from '../oci/layout-index.ts';
import { blobFolder, blobPath, type LayoutReference } from '../oci/layout-path.ts';
import { once } from '../once.ts';
import type { BlobOptions, PutBlobState } from '../types.ts';
import { changeReferrers, findReferrers, withReferrer } from './layout-referrers.ts';
import type { ImageRepository, StoredManifest } from './types.ts';

/** An OCI layout as a place of many images. Blobs that nothing names any more stay. */
export function createLayoutRepository({
  path,
  blobs,
}: Pick<LayoutReference, 'path' | 'blobs'>): ImageRepository {
  const reference = `oci:${path}`;

  async function entries(): Promise<readonly Descriptor[]> {
    return (await existingIndex(path))?.manifests ?? [];
  }

  async function resolve(tagOrDigest: string): Promise<Descriptor> {
    const manifests = await entries();
    if (!isDigest(tagOrDigest)) {
      const { mediaType, digest, size } = findEntry(
        { schemaVersion: 2, manifests },
        { name: tagOrDigest, position: undefined },
      );
      return { mediaType, digest, size };
    }
    const listed = manifests.find(({ digest }) => digest === tagOrDigest);
    const size = await sizeOf(blobPath(blobs, tagOrDigest));
    if (size === undefined) throw unknown(`the layout has no manifest ${tagOrDigest}`, 'MANIFEST_UNKNOWN');
    const mediaType = listed?.mediaType ?? manifestTypeOf(await read({ digest: tagOrDigest, size }));
    return { mediaType, digest: tagOrDigest, size };
  }

  async function read(descriptor: Pick<Descriptor, 'digest' | 'size'>): Promise<Uint8Array> {
    const { digest } = descriptor;
    const bytes = await readDocument(blobPath(blobs, digest), `the manifest ${digest}`, 'MANIFEST_UNKNOWN');
    await verifyBytes(bytes, descriptor);
    return bytes;
  }

  async function manifest(tagOrDigest: string): Promise<StoredManifest> {
    const descriptor = await resolve(tagOrDigest);
    return { descriptor, bytes: await read(descriptor) };
  }

  async function put(
    descriptor: Descriptor,
    source: AsyncIterable<Uint8Array>,
    options?: BlobOptions,
  ): Promise<void> {
    const folder = blobFolder(blobs, descriptor.digest);
    makeFolders(folder, 0o777);
    await writeBlobFile(blobPath(blobs, descriptor.digest), descriptor, source, options);
  }

  function list(subject: Digest, change: Parameters<typeof changeReferrers>[2]): Promise<void> {
    return changeReferrers(path, subject, change, { read, put: (blob, bytes) => put(blob, once(bytes)) });
  }

  return {
    reference,
    resolve,
    manifest,
    async pushManifest(bytes, { mediaType, tags = [], isInstance = false, signal }) {
      const descriptor = await descriptorOf(mediaType, bytes);
      await put(descriptor, once(bytes), { signal });
      for (const tag of tags)
        await addEntry(
          path,
          { ...descriptor, annotations: { [Annotation.RefName]: tag } },
          { signal, parts: [{ path: blobPath(blobs, descriptor.digest), size: descriptor.size }] },
        );
      const referrer = referrerOf(descriptor, bytes);
      if (referrer !== undefined)
        await list(referrer.subject, (referrers) => withReferrer(referrers, referrer));
      else if (tags.length === 0 && !isInstance) await listUnnamed(path, descriptor);
      return descriptor;
    },
    async deleteManifest(digest) {
      const { descriptor, bytes } = await manifest(digest);
      const subject = referrerOf(descriptor, bytes)?.subject;
      if (subject !== undefined)
        await list(subject, (referrers) => referrers.filter((other) => other.digest !== digest));
      await changeEntries(path, (manifests) => manifests.filter((entry) => entry.digest !== digest), {
        after: () => rm(blobPath(blobs, digest), { force: true }),
      });
    },
    async *tags() {
      for (const entry of await entries()) {
        const name = nameOf(entry);
        if (name !== undefined) yield name;
      }
    },
    async untag(tag) {
      await changeEntries(path, (manifests) => {
        const named = findEntry({ schemaVersion: 2, manifests }, { name: tag, position: undefined });
        const others = manifests.filter((entry) => entry !== named);
        const isListed = others.some(({ digest }) => digest === named.digest);
        return isListed ? others : manifests.map((entry) => (entry === named ? unnamed(entry) : entry));
      });
    },
    async *referrers(digest) {
      yield* await findReferrers(await entries(), digest, read);
    },
    async headBlob(digest) {
      const size = await sizeOf(blobPath(blobs, digest));
      return size === undefined ? undefined : { mediaType: 'application/octet-stream', digest, size };
    },
    blob: (descriptor, options) => readBlobFile(blobPath(blobs, descriptor.digest), descriptor, options),
    async pushBlob(descriptor, source, options): Promise<PutBlobState> {
      if (await hasFile(blobPath(blobs, descriptor.digest), descriptor.size)) return 'exists';
      await put(descriptor, source(), options);
      return 'stored';
    },
    async deleteBlob(digest) {
      const file = blobPath(blobs, digest);
      if ((await sizeOf(file)) === undefined)
        throw unknown(`the layout has no blob ${digest}`, 'BLOB_UNKNOWN');
      await rm(file);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** An entry without a name, unless the manifest is listed already. */
function listUnnamed(path: string, descriptor: Descriptor): Promise<void> {
  return changeEntries(path, (manifests) =>
    manifests.some(({ digest }) => digest === descriptor.digest) ? manifests : [...manifests, descriptor],
  );
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
}

function unknown(message: string, reason: string): LadingError {
  return new LadingError(Code.NotFound, message, { reason });
}

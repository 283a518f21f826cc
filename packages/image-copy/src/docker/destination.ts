// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Digest, Reference } from '@lading/image-spec';
import { digestOfManifest } from '../manifest-digest.ts';
import type { ImageSignature } from '../trust/image-signature.ts';
import { addKept } from '../trust/kept-signatures.ts';
import { signatureStorageOf } from '../trust/signature-storage.ts';
import { writeAttachments } from '../trust/write-attachments.ts';
import { writeLookaside } from '../trust/write-lookaside.ts';
import type { ImageDestination, ManifestBytes } from '../types.ts';
import { clientFor } from './client.ts';
import type { RegistryContext } from './context.ts';
import { dockerText, resolveReference } from './reference.ts';

/**
 * Writes an image to a registry. The tag is set by `commit()`; blobs and manifests that no tag names are the
 * registry's to collect. A digest in the reference must be that of what is written.
 */
export function createDockerDestination(reference: Reference, context: RegistryContext): ImageDestination {
  // A push goes to the registry that is named, never to where pulls are led.
  const { insecure } = resolveReference(reference, context);
  const { client, close } = clientFor(context, [{ reference, insecure }], reference.host);
  const repository = client.repository(reference);
  let top: Omit<ManifestBytes, 'digest'> | undefined;
  /** For the registry itself, which takes signatures of what it has. */
  const kept: { readonly digest: Digest; readonly signatures: readonly ImageSignature[] }[] = [];

  return {
    reference: dockerText(reference),
    place: { host: reference.host, repository: reference.repository },
    embeddedName: { repository: reference.repository, tag: reference.tag ?? '' },
    layerCompression: 'compressed',
    takesForeignLayers: true,
    keepsManifests: reference.digest === undefined ? undefined : 'the destination is named by a digest',
    async putBlob(descriptor, source, { signal, onProgress, origin, repositories, sourceFrom } = {}) {
      // The source's own repository has the blob for certain; others had it when they were last heard of.
      const near = origin?.host === reference.host ? [origin.repository] : [];
      const known = near.length > 0 ? near : ((await repositories?.(reference.host)) ?? []);
      const bytes =
        sourceFrom === undefined
          ? source
          : { openAt: (offset: number) => (offset === 0 ? source() : sourceFrom(offset)) };
      const { state } = await repository.blobs.push(descriptor, bytes, {
        signal,
        mountFrom: known.find((name) => name !== reference.repository),
        ...(onProgress === undefined ? {} : { onProgress: ({ current }) => onProgress(current) }),
      });
      return state === 'uploaded' ? 'stored' : state;
    },
    putNewBlob: (source, { signal } = {}) => repository.blobs.pushStream(source, { signal }),
    async hasBlob({ digest, size }, { signal, repositories } = {}) {
      const found = await repository.blobs.head(digest, { signal });
      if (found !== undefined) return found.size === size;
      const from = (await repositories?.(reference.host))?.find((name) => name !== reference.repository);
      return from !== undefined && (await repository.blobs.mount(digest, { from, signal }));
    },
    async putManifest(bytes, mediaType, { instance, signal } = {}) {
      if (instance === undefined) top = { bytes, mediaType };
      else await repository.manifests.push(bytes, { mediaType, signal });
    },
    async putSignatures(signatures, { digest }, { signal } = {}) {
      const storage = signatureStorageOf(reference, context.signatureStorages);
      const simple = signatures.filter(({ kind }) => kind === 'simple');
      const sigstore = signatures.filter((signature) => signature.kind === 'sigstore');
      if (sigstore.length > 0) {
        if (!storage.useSigstoreAttachments) {
          throw new LadingError(
            Code.FailedPrecondition,
            `registries.d has no use-sigstore-attachments for ${reference.host}/${reference.repository}: set it, or leave the signatures out (--remove-signatures)`,
            { reason: 'SIGNATURES_UNSUPPORTED' },
          );
        }
        await writeAttachments(repository, digest, sigstore, signal);
      }
      if (simple.length === 0) return;
      if (repository.signatures.areKept) kept.push({ digest, signatures: simple });
      else await writeLookaside(storage.staging, reference, digest, simple);
    },
    async commit({ signal } = {}) {
      if (top === undefined) throw new LadingError(Code.FailedPrecondition, 'no manifest was put');
      const { bytes, mediaType } = top;
      const { tag, digest } = reference;
      if (digest !== undefined) {
        const actual = await digestOfManifest(
          mediaType,
          bytes,
          digest.startsWith('sha512:') ? 'sha512' : 'sha256',
        );
        if (actual !== digest) {
          throw new LadingError(
            Code.FailedPrecondition,
            `the image has the digest ${actual}, not the one it is to be written under`,
            { reason: 'DIGEST_MISMATCH' },
          );
        }
      }
      await repository.manifests.push(bytes, { mediaType, tag, signal });
      for (const one of kept) await addKept(repository.signatures, one.digest, one.signatures, signal);
    },
    async abort() {},
    close,
  };
}

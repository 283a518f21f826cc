// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Reference } from '@lading/image-spec';
import type { Repository } from '@lading/registry-client';
import { readAttachments } from '../trust/attachments.ts';
import { readKept } from '../trust/kept-signatures.ts';
import { readLookaside } from '../trust/lookaside.ts';
import { readBundles } from '../trust/read-bundles.ts';
import { signatureStorageOf } from '../trust/signature-storage.ts';
import type { ImageSource, ManifestBytes } from '../types.ts';
import { markVerified } from '../verified.ts';
import { clientFor } from './client.ts';
import type { RegistryContext } from './context.ts';
import { dockerText, resolveReference, versionOf } from './reference.ts';

/** Reads an image from a registry, or from the first mirror that has it. */
export function createDockerSource(reference: Reference, context: RegistryContext): ImageSource {
  const resolved = resolveReference(reference, context);
  const endpoints = [...resolved.mirrors, resolved];
  const { client, close } = clientFor(context, endpoints, resolved.reference.host);
  const repositories = endpoints.map(({ reference: at }) => ({ repository: client.repository(at), at }));
  let chosen: { readonly repository: Repository; readonly reference: Reference } | undefined;

  async function first(signal: AbortSignal | undefined): Promise<ManifestBytes> {
    const failures: LadingError[] = [];
    for (const { repository, at } of repositories) {
      try {
        const found = await fetchFrom(repository, versionOf(reference), signal);
        chosen = { repository, reference: at };
        return found;
      } catch (error) {
        signal?.throwIfAborted();
        failures.push(LadingError.from(error));
      }
    }
    // The registry itself was asked last: its word counts, those of the mirrors are told with it.
    const last = failures.pop() ?? new LadingError(Code.Internal, 'no registry was asked');
    if (failures.length === 0) throw last;
    const mirrors = failures.map(({ message }) => message);
    throw new LadingError(last.code, `${last.message} (mirrors: ${mirrors.join('; ')})`, {
      ...(last.reason === undefined ? {} : { reason: last.reason }),
      details: { ...last.details, mirrors },
      cause: last,
    });
  }

  const repository = (): Repository => chosen?.repository ?? client.repository(resolved.reference);

  return {
    reference: dockerText(reference),
    get origin() {
      const { host, name } = repository();
      return { host, repository: name };
    },
    manifest: (instance, { signal } = {}) =>
      instance === undefined ? first(signal) : fetchFrom(repository(), instance, signal),
    async signatures({ digest }, { signal } = {}) {
      // They are kept where the image is, which may be a mirror.
      const at = chosen?.reference ?? resolved.reference;
      const storage = signatureStorageOf(at, context.signatureStorages);
      const { signatures } = repository();
      const simple = signatures.areKept
        ? await readKept(signatures, digest, signal)
        : await readLookaside(storage.lookaside, at, digest, signal);
      if (!storage.useSigstoreAttachments) return simple;
      return [...simple, ...(await readAttachments(repository(), digest, signal))];
    },
    async blobSize(digest, { signal } = {}) {
      const found = await repository().blobs.head(digest, { signal });
      if (found !== undefined) return found.size;
      throw new LadingError(Code.NotFound, `the registry has no blob ${digest}`, { reason: 'BLOB_UNKNOWN' });
    },
    async sigstoreBundles({ digest }, { signal } = {}) {
      const at = chosen?.reference ?? resolved.reference;
      const { useSigstoreAttachments } = signatureStorageOf(at, context.signatureStorages);
      return useSigstoreAttachments ? readBundles(repository(), digest, signal) : [];
    },
    blob(descriptor, { signal, onProgress } = {}) {
      const bytes = repository().blobs.open(descriptor, {
        signal,
        ...(onProgress === undefined ? {} : { onProgress: ({ current }) => onProgress(current) }),
      });
      return markVerified(bytes, descriptor.digest);
    },
    blobFrom: (descriptor, offset, { signal } = {}) =>
      repository().blobs.open(descriptor, { offset, signal }),
    blobPart: (descriptor, start, end, { signal } = {}) =>
      repository().blobs.open(descriptor, { offset: start, length: end - start, partOnly: true, signal }),
    // The registry's own, which a mirror has only some of.
    tags: (options = {}) => client.repository(resolved.reference).tags(options),
    close,
  };
}

async function fetchFrom(
  repository: Repository,
  version: string,
  signal: AbortSignal | undefined,
): Promise<ManifestBytes> {
  const { descriptor, bytes } = await repository.manifests.fetch(version, { signal });
  return { bytes, mediaType: descriptor.mediaType, digest: descriptor.digest };
}

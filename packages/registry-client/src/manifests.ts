// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, digestAlgorithm, digestBytes, isDigest } from '@lading/image-spec';
import { discard, manifestLimitBytes, readAll } from './limits.ts';
import { acceptedManifests, essence, manifestMediaType } from './media-type.ts';
import { withRetries } from './retry.ts';
import type { Scope } from './scope.ts';
import type { RegistryResponse, Session } from './session.ts';

/** Options of every call that only waits. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A manifest or index as the registry holds it. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** Options of {@link Manifests.push}. */
export interface PushManifestOptions extends CallOptions {
  readonly mediaType: string;
  /** The tag to point at the manifest. Default: none, it is stored under its digest alone. */
  readonly tag?: string | undefined;
}

/** Manifests and indexes of one repository. */
export interface Manifests {
  /** The descriptor of a tag or digest, by HEAD; by a GET where the registry's HEAD does not say enough. */
  resolve(tagOrDigest: string, options?: CallOptions): Promise<Descriptor>;
  /**
   * Fetches at most 4 MiB and verifies them: against the digest asked for, the registry's own
   * Docker-Content-Digest, and a descriptor's size.
   *
   * @throws NotFound (`MANIFEST_UNKNOWN`), DataLoss (`DIGEST_MISMATCH`, `SIZE_MISMATCH`, `MEDIA_TYPE_MISMATCH`)
   */
  fetch(what: string | Descriptor, options?: CallOptions): Promise<FetchedManifest>;
  /** Stores the bytes as they are; what they refer to must be there already. */
  push(bytes: Uint8Array, options: PushManifestOptions): Promise<Descriptor>;
  /** Deletes a tag, or a manifest with all its tags. Many registries allow only one of the two, or neither. */
  delete(tagOrDigest: string, options?: CallOptions): Promise<void>;
}

const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const notFound = 'MANIFEST_UNKNOWN';

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
export function createManifests(session: Session, name: string, scope: Scope): Manifests {
  const pathOf = (reference: string) => `/v2/${name}/manifests/${checked(reference)}`;

  async function get(
    reference: string,
    size: number | undefined,
    signal?: AbortSignal,
  ): Promise<FetchedManifest> {
    const response = await session.send({
      method: 'GET',
      target: pathOf(reference),
      headers: { accept: acceptedManifests },
      scopes: scope.pull,
      expect: [200],
      notFound,
      signal,
    });
    const what = `the manifest ${name}@${reference}`;
    const bytes = await readAll(
      response.body,
      Math.min(size ?? manifestLimitBytes, manifestLimitBytes),
      what,
    );
    const shown = headerDigest(response);
    const asked = isDigest(reference) ? reference : shown;
    const digest = await digestOf(bytes, asked);
    for (const expected of [asked, shown]) {
      if (expected !== undefined && expected !== (await digestOf(bytes, expected))) {
        throw mismatch('DIGEST_MISMATCH', `${session.host} sent other bytes for ${what} than ${expected}`);
      }
    }
    if (size !== undefined && bytes.length !== size) {
      throw mismatch('SIZE_MISMATCH', `${what} has ${bytes.length} bytes, its descriptor says ${size}`);
    }
    const mediaType = manifestMediaType(session.host, response.headers.get('content-type'), bytes);
    return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
  }

  async function fetch(what: string | Descriptor, { signal }: CallOptions = {}): Promise<FetchedManifest> {
    const [reference, size] = typeof what === 'string' ? [what, undefined] : [what.digest, what.size];
    return await withRetries(session.retry, signal, () => get(reference, size, signal));
  }

  return {
    async resolve(tagOrDigest, { signal } = {}) {
      const known = await withRetries(session.retry, signal, async () => {
        try {
          return await head(tagOrDigest, signal);
        } catch (error) {
          // Some registries know no HEAD here, and a HEAD's 401 or 403 has no body to say why.
          if (hasCode(error, Code.Unimplemented)) return undefined;
          throw error;
        }
      });
      return known ?? (await fetch(tagOrDigest, { signal })).descriptor;
    },
    fetch,
    async push(bytes, { mediaType, tag, signal }) {
      if (bytes.length > manifestLimitBytes) {
        throw new LadingError(
          Code.InvalidArgument,
          `a manifest of ${bytes.length} bytes: registries take 4 MiB`,
        );
      }
      const digest = await digestBytes(bytes);
      await withRetries(session.retry, signal, async () => {
        const response = await session.send({
          method: 'PUT',
          target: pathOf(tag ?? digest),
          headers: { 'content-type': mediaType },
          body: bytes,
          scopes: scope.push,
          expect: [201],
          signal,
        });
        await discard(response.body);
        const stored = headerDigest(response);
        if (stored !== undefined && stored !== (await digestOf(bytes, stored))) {
          throw mismatch('DIGEST_MISMATCH', `${session.host} stored ${stored} instead of ${digest}`);
        }
      });
      return { mediaType, digest, size: bytes.length };
    },
    async delete(tagOrDigest, { signal } = {}) {
      await withRetries(session.retry, signal, async () => {
        const response = await session.send({
          method: 'DELETE',
          target: pathOf(tagOrDigest),
          scopes: scope.delete,
          expect: [200, 202],
          notFound,
          signal,
        });
        await discard(response.body);
      });
    },
  };

  async function head(reference: string, signal?: AbortSignal): Promise<Descriptor | undefined> {
    const response = await session.send({
      method: 'HEAD',
      target: pathOf(reference),
      headers: { accept: acceptedManifests },
      scopes: scope.pull,
      expect: [200],
      notFound,
      signal,
    });
    await discard(response.body);
    const digest = headerDigest(response);
    const size = Number(response.headers.get('content-length') ?? Number.NaN);
    const mediaType = essence(response.headers.get('content-type'));
    if (digest === undefined || !Number.isSafeInteger(size) || !mediaType.startsWith('application/vnd.')) {
      return undefined;
    }
    if (
      isDigest(reference) &&
      digestAlgorithm(reference) === digestAlgorithm(digest) &&
      reference !== digest
    ) {
      throw mismatch('DIGEST_MISMATCH', `${session.host} answers for ${reference} with ${digest}`);
    }
    return { mediaType, digest: isDigest(reference) ? reference : digest, size };
  }
}

function checked(reference: string): string {
  if (isDigest(reference) || tagPattern.test(reference)) return reference;
  throw new LadingError(Code.InvalidArgument, `"${reference}" is neither a tag nor a digest`);
}

function headerDigest(response: RegistryResponse): Digest | undefined {
  const header = response.headers.get('docker-content-digest');
  return isDigest(header) ? header : undefined;
}

async function digestOf(bytes: Uint8Array, like: Digest | undefined): Promise<Digest> {
  const algorithm = like === undefined ? 'sha256' : digestAlgorithm(like);
  if (algorithm === 'sha256' || algorithm === 'sha512') return await digestBytes(bytes, algorithm);
  throw new LadingError(Code.Unimplemented, `digests of the kind ${algorithm} are not supported`);
}

function mismatch(reason: string, message: string): LadingError {
  return new LadingError(Code.DataLoss, message, { reason });
}

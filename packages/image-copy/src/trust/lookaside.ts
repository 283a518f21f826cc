// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm, digestHex, type Reference } from '@lading/image-spec';
import {
  type ImageSignature,
  maxSignatures,
  parseSignatureFile,
  signatureLimitBytes,
} from './image-signature.ts';
import { readSignatures } from './read-signatures.ts';

/**
 * Where the signature of this number is kept: `BASE/REPOSITORY@sha256=HEX/signature-N`.
 *
 * @throws InvalidArgument for a base of another kind
 * @see https://github.com/containers/image/blob/main/docs/signature-protocols.md
 */
export function lookasideUrl(base: string, { repository }: Reference, digest: Digest, number: number): URL {
  const found = URL.canParse(base) ? new URL(base) : undefined;
  if (found === undefined || !['file:', 'http:', 'https:'].includes(found.protocol)) {
    throw new LadingError(
      Code.InvalidArgument,
      'the lookaside of registries.d is no file, http or https URL',
      { reason: 'CONFIG_INVALID' },
    );
  }
  const folder = `${repository}@${digestAlgorithm(digest)}=${digestHex(digest)}`;
  found.pathname = `${found.pathname.replace(/\/$/, '')}/${folder}/signature-${number}`;
  return found;
}

/**
 * Reads the signatures of a manifest from a lookaside folder or server, from 1 up
 * to the first that is not there.
 *
 * @throws Unavailable when the server cannot be reached; InvalidArgument for a URL of another kind
 */
export async function readLookaside(
  base: string,
  reference: Reference,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly ImageSignature[]> {
  const url = (number: number): URL => lookasideUrl(base, reference, digest, number);
  if (url(1).protocol === 'file:') return readSignatures((number) => fileURLToPath(url(number)));
  const found: ImageSignature[] = [];
  for (let number = 1; number <= maxSignatures; number += 1) {
    const bytes = await fetchSignature(url(number), signal);
    if (bytes === undefined) break;
    found.push(parseSignatureFile(bytes));
  }
  return found;
}

async function fetchSignature(url: URL, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  const fault = (code: Code, what: string, cause?: unknown): LadingError =>
    new LadingError(code, `signatures at ${url.host}: ${what}`, { cause });
  const timed = AbortSignal.any([AbortSignal.timeout(60_000), ...(signal === undefined ? [] : [signal])]);
  try {
    const response = await fetch(url, { signal: timed });
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw fault(Code.Unavailable, `the server answers with status ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > signatureLimitBytes) throw fault(Code.ResourceExhausted, 'the answer is too long');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof LadingError
      ? error
      : fault(Code.Unavailable, 'the server cannot be reached', error);
  }
}

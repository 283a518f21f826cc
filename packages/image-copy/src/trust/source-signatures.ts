// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import type { Copy } from '../copy-options.ts';
import { step } from '../side.ts';
import type { ManifestBytes } from '../types.ts';
import type { ImageSignature } from './image-signature.ts';

/** What of a copy says which signatures there are. */
type SourceCopy = Pick<Copy, 'source' | 'options'>;

const found = new WeakMap<SourceCopy, Map<Digest, Promise<readonly ImageSignature[]>>>();

/** The signatures of a manifest of the source, read once: for the policy, for each of its requirements, for the copy. */
export function sourceSignatures(
  copy: SourceCopy,
  digest: Digest,
  instance: Digest | undefined,
): Promise<readonly ImageSignature[]> {
  const known = found.get(copy) ?? new Map<Digest, Promise<readonly ImageSignature[]>>();
  found.set(copy, known);
  const { source, options } = copy;
  const reading =
    known.get(digest) ??
    step(
      'source',
      source.reference,
      async () => (await source.signatures?.({ digest, instance }, { signal: options.signal })) ?? [],
    );
  known.set(digest, reading);
  return reading;
}

/**
 * The copy of one manifest with the signatures that go along, which then is written as it is.
 *
 * @throws FailedPrecondition (`SIGNATURES_UNSUPPORTED`) when the destination keeps none, before a blob is read
 */
export async function withSignatures(
  copy: Copy,
  { digest }: ManifestBytes,
  instance?: Digest,
): Promise<Copy> {
  const { destination, options } = copy;
  if (options.removeSignatures === true) return copy;
  const signatures = await sourceSignatures(copy, digest, instance);
  if (signatures.length === 0) return copy;
  if (destination.putSignatures !== undefined) return { ...copy, signatures };
  throw new LadingError(
    Code.FailedPrecondition,
    `the image is signed, and ${destination.reference} keeps no signatures: leave them out with removeSignatures (--remove-signatures)`,
    { reason: 'SIGNATURES_UNSUPPORTED', details: { side: 'destination' } },
  );
}

// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { RegistrySignatures } from '@lading/registry-client';
import { type ImageSignature, maxSignatures } from './image-signature.ts';

/** Reads the signatures that the registry itself keeps of a manifest: simple ones, as it knows no others. */
export async function readKept(
  signatures: RegistrySignatures,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly ImageSignature[]> {
  const found = await signatures.list(digest, { signal });
  return found.slice(0, maxSignatures).map((bytes) => ({ kind: 'simple', bytes }));
}

/** Adds to those that the registry keeps; they cannot be taken away, and one that it has is not added again. */
export async function addKept(
  signatures: RegistrySignatures,
  digest: Digest,
  added: readonly ImageSignature[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const known = (await signatures.list(digest, { signal })).map((bytes) => Buffer.from(bytes));
  for (const signature of added) {
    if (signature.kind !== 'simple' || known.some((one) => one.equals(signature.bytes))) continue;
    await signatures.add(digest, signature.bytes, { signal });
  }
}

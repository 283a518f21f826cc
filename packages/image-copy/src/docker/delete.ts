// SPDX-License-Identifier: Apache-2.0
import type { Reference } from '@lading/image-spec';
import type { CallOptions } from '../types.ts';
import { clientFor } from './client.ts';
import type { RegistryContext } from './context.ts';
import { resolveReference, versionOf } from './reference.ts';

/** Deletes a manifest by its digest: a tag alone cannot be deleted everywhere. Mirrors are left alone. */
export async function deleteFromRegistry(
  reference: Reference,
  context: RegistryContext,
  { signal }: CallOptions,
): Promise<void> {
  const resolved = resolveReference(reference, context);
  const { client, close } = clientFor(context, [resolved], resolved.reference.host);
  try {
    const { manifests } = client.repository(resolved.reference);
    const { digest } = await manifests.resolve(versionOf(reference), { signal });
    await manifests.delete(digest, { signal });
  } finally {
    await close();
  }
}

// SPDX-License-Identifier: Apache-2.0
import type { TransportContext } from '@lading/image-copy';
import { dockerReference, withRepository } from './repository.ts';

/** All tags of the repository of a `docker://` text, in the registry's order. */
export async function listAllTags(
  text: string,
  context: TransportContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return withRepository(dockerReference(text, 'list-tags'), context, (repository) =>
    Array.fromAsync(repository.tags({ signal })),
  );
}

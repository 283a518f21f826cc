// SPDX-License-Identifier: Apache-2.0
import type { RepositoryAccess } from './access.ts';
import { discard } from './limits.ts';
import { withRetries } from './retry.ts';

/** Deletes a blob or a manifest. @throws NotFound with `notFound` as its reason */
export async function deleteContent(
  { session, name, scope }: RepositoryAccess,
  path: string,
  notFound: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await withRetries(session.retry, signal, async () => {
    const response = await session.send({
      method: 'DELETE',
      target: `/v2/${name}/${path}`,
      scopes: scope.delete,
      expect: [200, 202, 204],
      notFound,
      signal,
    });
    await discard(response.body);
  });
}

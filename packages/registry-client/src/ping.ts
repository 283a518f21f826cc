// SPDX-License-Identifier: Apache-2.0
import { discard } from './limits.ts';
import type { CallOptions } from './manifests.ts';
import { withRetries } from './retry.ts';
import type { Session } from './session.ts';

/**
 * Asks `/v2/` with the credentials there are.
 *
 * @throws Unauthenticated when they are wrong or missing, NotFound when no registry is there
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support
 */
export async function ping(session: Session, { signal }: CallOptions = {}): Promise<void> {
  await withRetries(session.retry, signal, async () => {
    const response = await session.send({ method: 'GET', target: '/v2/', scopes: [], expect: [200], signal });
    await discard(response.body);
  });
}

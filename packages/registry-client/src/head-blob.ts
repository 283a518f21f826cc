// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import { type Digest, parseDigest } from '@lading/image-spec';
import { type RepositoryAccess, readPath } from './access.ts';
import { discard } from './limits.ts';
import type { ResponseHeaders } from './response-headers.ts';
import { withRetries } from './retry.ts';

/** The head of a blob's answer, or undefined when the repository does not have the blob. */
export async function headBlob(
  access: RepositoryAccess,
  digest: Digest,
  scopes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ResponseHeaders | undefined> {
  const { session } = access;
  const target = readPath(access, `blobs/${parseDigest(digest)}`);
  return await withRetries(session.retry, signal, async () => {
    try {
      const response = await session.send({
        method: 'HEAD',
        target,
        isBlob: true,
        scopes,
        expect: [200],
        notFound: 'BLOB_UNKNOWN',
        signal,
      });
      await discard(response.body);
      return response.headers;
    } catch (error) {
      if (hasCode(error, Code.NotFound)) return undefined;
      throw error;
    }
  });
}

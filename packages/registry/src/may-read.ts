// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import type { Digest } from '@lading/image-spec';
import type { Authorize } from './authorize.ts';

/**
 * True if who sent a request may also read a blob of another repository: a mount must not give away what its
 * sender could not have pulled.
 */
export async function mayRead(
  authorize: Authorize | undefined,
  request: IncomingMessage,
  repository: string,
  digest: Digest,
): Promise<boolean> {
  if (authorize === undefined) return true;
  const pull: IncomingMessage = Object.create(request, {
    method: { value: 'GET' },
    url: { value: `/v2/${repository}/blobs/${digest}` },
  });
  return (await authorize(pull)) === undefined;
}

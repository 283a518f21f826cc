// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import type { Digest } from '@lading/image-spec';

/** The entity tag of what a digest names. */
export function etagOf(digest: Digest): string {
  return `"${digest}"`;
}

/**
 * The status of a request whose condition does not hold; `current` is undefined where there is nothing now.
 * With If-Match and If-None-Match a client changes a tag only if nobody else did meanwhile.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function failedCondition(
  { headers, method }: IncomingMessage,
  current: Digest | undefined,
): 304 | 412 | undefined {
  const match = headers['if-match'];
  if (match !== undefined && !names(match, current, false)) return 412;
  const noneMatch = headers['if-none-match'];
  if (noneMatch === undefined || !names(noneMatch, current, true)) return undefined;
  return method === 'GET' || method === 'HEAD' ? 304 : 412;
}

/** True if a list of entity tags has this one; weak tags count only where that is asked. */
function names(list: string, current: Digest | undefined, weak: boolean): boolean {
  if (current === undefined) return false;
  const etag = etagOf(current);
  return list.split(',').some((item) => {
    const text = item.trim();
    return text === '*' || text === etag || (weak && text === `W/${etag}`);
  });
}

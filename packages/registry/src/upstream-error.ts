// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { specError } from './spec-error.ts';

/** True when the upstream, not the request, is the reason: then a copy that may be old is better than none. */
export function isUpstreamDown(error: unknown): boolean {
  return (
    hasCode(error, Code.Unavailable) ||
    hasCode(error, Code.DeadlineExceeded) ||
    hasCode(error, Code.ResourceExhausted)
  );
}

/**
 * What the client of a cache is told of a failure upstream. The upstream's own words stay out: they are about
 * the cache's credentials and connections, which are not the client's.
 */
export function upstreamError(error: unknown, host: string, notFound: LadingError): LadingError {
  if (hasCode(error, Code.NotFound)) return notFound;
  if (hasCode(error, Code.Unauthenticated) || hasCode(error, Code.PermissionDenied)) {
    return specError(
      'DENIED',
      `${host} does not give this to the cache: it is not there, or the cache's credentials do not suffice`,
    );
  }
  if (hasCode(error, Code.ResourceExhausted) && error.details?.status === 429) {
    return specError('TOOMANYREQUESTS', `${host} asks the cache to wait`);
  }
  return new LadingError(Code.Unavailable, `${host} cannot be asked now, and the cache has no copy`, {
    reason: 'UNAVAILABLE',
    details: { status: 502 },
    cause: error,
  });
}

// SPDX-License-Identifier: Apache-2.0
import type { RequestListener } from 'node:http';
import { Code, LadingError } from '@lading/errors';

/** What of an answer scripts of another origin may see. */
const exposed = [
  'Accept-Ranges',
  'Content-Length',
  'Content-Range',
  'Docker-Content-Digest',
  'Docker-Distribution-Api-Version',
  'Docker-Upload-UUID',
  'ETag',
  'Link',
  'Location',
  'OCI-Chunk-Min-Length',
  'OCI-Filters-Applied',
  'OCI-Namespace',
  'OCI-Subject',
  'OCI-Tag',
  'Range',
  'Retry-After',
  'Warning',
  'WWW-Authenticate',
].join(', ');
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const preflightSeconds = '7200';
const headerNames = /^[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/;

/**
 * Lets web pages of other origins use a registry. A preflight carries no credentials, so it is answered before
 * anybody is asked for them. Cookies and passwords that the browser itself remembers are never allowed
 * (`Access-Control-Allow-Credentials`): a page must have credentials of its own.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function withCors(origins: '*' | readonly string[], next: RequestListener): RequestListener {
  const allowed = origins === '*' ? undefined : new Set(origins.map(checkOrigin));
  return (request, response) => {
    if (allowed !== undefined) response.setHeader('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || (allowed !== undefined && !allowed.has(origin))) {
      next(request, response);
      return;
    }
    response.setHeader('access-control-allow-origin', allowed === undefined ? '*' : origin);
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      const asked = request.headers['access-control-request-headers'];
      response.writeHead(204, {
        'access-control-allow-methods': methods,
        ...(asked !== undefined && headerNames.test(asked) ? { 'access-control-allow-headers': asked } : {}),
        'access-control-max-age': preflightSeconds,
      });
      response.end();
      return;
    }
    response.setHeader('access-control-expose-headers', exposed);
    next(request, response);
  };
}

function checkOrigin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new LadingError(
    Code.InvalidArgument,
    `${JSON.stringify(text)} is not an origin: write scheme, host and port alone, as in https://example.com`,
  );
}

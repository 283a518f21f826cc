// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { oneLine, redactUrl, responseError } from './errors.ts';

function response(status: number, body: string, headers: Record<string, string> = {}) {
  const bytes = new TextEncoder().encode(body);
  return {
    status,
    headers: new Headers(headers),
    body: (async function* () {
      yield bytes;
    })(),
  };
}

const url = new URL('https://r.example/v2/a/manifests/b');

describe('the error for an answer', () => {
  it.each([
    [400, Code.InvalidArgument],
    [401, Code.Unauthenticated],
    [403, Code.PermissionDenied],
    [404, Code.NotFound],
    [405, Code.Unimplemented],
    [418, Code.FailedPrecondition],
    [429, Code.ResourceExhausted],
    [500, Code.Unavailable],
    [503, Code.Unavailable],
    [204, Code.Internal],
    [302, Code.Internal],
  ])('with status %i has the code %s', async (status, code) => {
    expect(await responseError('GET', url, response(status, ''))).toMatchObject({
      code,
      details: { status },
    });
  });

  it('takes code and message from the body', async () => {
    const body = '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no b"},{"code":"X"}]}';
    expect(await responseError('GET', url, response(404, body))).toMatchObject({
      message: 'GET https://r.example/v2/a/manifests/b answered 404: MANIFEST_UNKNOWN: no b',
      reason: 'MANIFEST_UNKNOWN',
      details: { furtherErrors: [{ code: 'X', message: '' }] },
    });
  });

  it.each(['', '<html>', 'null', '[]', '{"errors":{}}', '{"errors":[1,{"code":2}]}'])(
    'bears the body %s',
    async (body) => {
      const error = await responseError('HEAD', url, response(404, body), 'MANIFEST_UNKNOWN');
      expect(error.message).toBe('HEAD https://r.example/v2/a/manifests/b answered 404: MANIFEST_UNKNOWN');
    },
  );

  it.each([
    ['3', 3000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
  ])('reads Retry-After %s', async (header, retryAfterMs) => {
    const error = await responseError('GET', url, response(429, '', { 'retry-after': header }));
    expect(error.details?.retryAfterMs).toBe(retryAfterMs);
  });
});

it('a URL is shown without credentials, and with query values only where they are harmless', () => {
  const secret = new URL('https://u:p@r.example/x?digest=sha256:a&X-Amz-Signature=s&token=t#f');
  expect(redactUrl(secret)).toBe(
    'https://r.example/x?digest=sha256%3Aa&X-Amz-Signature=REDACTED&token=REDACTED',
  );
});

it('text of a server is one line of bounded length', () => {
  expect(oneLine(' a\r\nb\u001b[2J\u202e c ')).toBe('a b [2J c');
  expect(oneLine('x'.repeat(1000))).toHaveLength(301);
});

// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { responseHeaders, withoutHeader } from './response-headers.ts';

describe('headers of an answer', () => {
  const headers = responseHeaders({
    'content-type': 'text/plain ',
    'WWW-Authenticate': ['Basic realm="a"', 'Bearer realm="b"'],
    'x-none': undefined,
    'x-empty': '',
  });

  it.each([
    ['content-type', 'text/plain'],
    ['Content-Type', 'text/plain'],
    ['www-authenticate', 'Basic realm="a", Bearer realm="b"'],
    ['x-none', null],
    ['x-empty', ''],
    ['__proto__', null],
    ['constructor', null],
  ])('%s is %j', (name, value) => {
    expect([headers.get(name), headers.has(name)]).toEqual([value, value !== null]);
  });

  it('can be seen without one of them', () => {
    const rest = withoutHeader(headers, 'content-type');
    expect([rest.get('Content-Type'), rest.has('content-type'), rest.has('x-empty')]).toEqual([
      null,
      false,
      true,
    ]);
  });
});

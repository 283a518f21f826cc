// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { proxiesOf } from './proxy-settings.ts';

const both = { HTTP_PROXY: 'http://p.example:3128', HTTPS_PROXY: 'https://s.example' };
const proxy = (env: Record<string, string>, url: string) => proxiesOf(env)(new URL(url))?.href;

it.each([
  ['https by HTTPS_PROXY', both, 'https://r.example/', 'https://s.example/'],
  ['http by HTTP_PROXY', both, 'http://r.example/', 'http://p.example:3128/'],
  ['https not by HTTP_PROXY', { HTTP_PROXY: 'p.example' }, 'https://r.example/', undefined],
  [
    'a host and port alone',
    { https_proxy: 'p.example:3128' },
    'https://r.example/',
    'http://p.example:3128/',
  ],
  [
    'upper case first',
    { HTTPS_PROXY: 'a.example', https_proxy: 'b.example' },
    'https://r.example/',
    'http://a.example/',
  ],
  [
    'an empty value as none',
    { HTTPS_PROXY: '', https_proxy: 'b.example' },
    'https://r.example/',
    'http://b.example/',
  ],
  ['SOCKS', { HTTPS_PROXY: 'socks5://s.example:1080' }, 'https://r.example/', 'socks5://s.example:1080'],
  ['no ALL_PROXY', { ALL_PROXY: 'http://p.example' }, 'https://r.example/', undefined],
  ['nothing that is no URL', { HTTPS_PROXY: 'http://[' }, 'https://r.example/', undefined],
  ['localhost directly', both, 'https://localhost:5000/', undefined],
  ['127.0.0.1 directly', both, 'http://127.0.0.1:5000/', undefined],
  ['::1 directly', both, 'http://[::1]:5000/', undefined],
])('takes %s', (_, env, url, expected) => expect(proxy(env, url)).toBe(expected));

describe('NO_PROXY', () => {
  it.each([
    ['r.example', 'https://r.example/', true],
    ['r.example', 'https://a.r.example/', true],
    ['r.example', 'https://ar.example/', false],
    ['.r.example', 'https://a.r.example/', true],
    ['.r.example', 'https://r.example/', false],
    ['*.r.example', 'https://a.r.example/', true],
    ['*.r.example', 'https://r.example/', false],
    ['R.Example', 'https://r.EXAMPLE/', true],
    ['r.example:8443', 'https://r.example:8443/', true],
    ['r.example:8443', 'https://r.example/', false],
    ['r.example:443', 'https://r.example/', true],
    ['r.example:80', 'http://r.example/', true],
    ['a.example, r.example ', 'https://r.example/', true],
    ['a.example r.example', 'https://r.example/', false],
    ['*', 'https://r.example/', true],
    ['a.example,*', 'https://10.0.0.1/', true],
    ['10.0.0.0/8', 'https://10.1.2.3:5000/', true],
    ['10.0.0.0/8', 'https://11.1.2.3/', false],
    ['10.0.0.0/8', 'https://r.example/', false],
    ['10.1.2.3', 'https://10.1.2.3:5000/', true],
    ['10.1.2.3:5000', 'https://10.1.2.3:5000/', true],
    ['10.1.2.3:5000', 'https://10.1.2.3/', false],
    ['fd00::/8', 'https://[fd00::1]:5000/', true],
    ['fd00::1', 'https://[fd00::1]/', true],
    ['[fd00::1]:443', 'https://[fd00::1]/', true],
    [':443,,', 'https://r.example/', false],
  ])('%s keeps %s from the proxy: %s', (NO_PROXY, url, direct) => {
    expect(proxy({ ...both, NO_PROXY }, url) === undefined).toBe(direct);
  });
});

it('HTTP_PROXY is refused under CGI, where a client sets it', () => {
  expect(() => proxy({ ...both, REQUEST_METHOD: 'GET' }, 'http://r.example/')).toThrowError(
    expect.objectContaining({ code: Code.FailedPrecondition }),
  );
  expect(proxy({ ...both, REQUEST_METHOD: 'GET' }, 'https://r.example/')).toBe('https://s.example/');
});

// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { isLoopbackHost, isPrivateHost, nextHop } from './address.ts';

describe('nextHop', () => {
  it.each([
    ['https://r.example/v2/a', '/v2/b?x=1', 'https://r.example/v2/b?x=1'],
    ['https://r.example/v2/a', 'https://cdn.example/b#c', 'https://cdn.example/b'],
    ['https://r.example/v2/a', 'http://r.example/v2/b', 'https://r.example/v2/b'],
    ['http://127.0.0.1:5000/', 'http://10.0.0.1/b', 'http://10.0.0.1/b'],
    ['http://r.example/', 'http://cdn.example/b', 'http://cdn.example/b'],
    ['https://10.0.0.1/', 'https://10.0.0.1:8443/b', 'https://10.0.0.1:8443/b'],
  ])('from %s goes to %s', (base, location, expected) => {
    expect(nextHop(new URL(base), location, 'redirect').href).toBe(expected);
  });

  it.each([
    ['a plain connection', 'http://cdn.example/'],
    ['the metadata service of a cloud', 'https://169.254.169.254/latest/meta-data'],
    ['this machine', 'https://localhost:6443/'],
    ['this machine, spelled otherwise', 'https://0x7f.1/'],
    ['this machine, as IPv6', 'https://[::1]/'],
    ['this machine, as IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/'],
    ['a private network', 'https://192.168.1.1/'],
    ['this machine, through NAT64', 'https://[64:ff9b::7f00:1]/'],
    ['a private network, through 6to4', 'https://[2002:c0a8:101::1]/'],
    ['this machine, as IPv4 in the old form of IPv6', 'https://[::127.0.0.1]/'],
    ['a group of machines', 'https://224.0.0.1/'],
    ['a file', 'file:///etc/passwd'],
    ['a script', 'javascript:alert(1)'],
    ['a URL with a password', 'https://user:password@cdn.example/'],
    ['nowhere', 'https://'],
  ])('refuses to lead from a public host to %s', (_, location) => {
    expect(() => nextHop(new URL('https://r.example/v2/'), location, 'redirect')).toThrowError(
      expect.objectContaining({ code: 'permission_denied', reason: 'UNSAFE_LOCATION' }),
    );
  });

  it('leads from a public name that was reached in the own network to a private address', () => {
    const base = new URL('https://registry.corp.example/v2/');
    expect(nextHop(base, 'https://10.0.0.7/b', 'redirect', true).href).toBe('https://10.0.0.7/b');
  });

  it('does not show a password in its message', () => {
    expect(() =>
      nextHop(new URL('https://r.example/'), 'https://user:geheim@c.example/', 'redirect'),
    ).toThrowError(expect.not.stringContaining('geheim'));
  });
});

it.each([
  ['localhost', true, true],
  ['registry.localhost', true, true],
  ['127.9.9.9', true, true],
  ['[::1]', true, true],
  ['10.1.2.3', false, true],
  ['172.31.0.1', false, true],
  ['172.32.0.1', false, false],
  ['[fd00::1]', false, true],
  ['8.8.8.8', false, false],
  ['notlocalhost', false, false],
  ['r.example', false, false],
])('%s: loopback %s, private %s', (host, loopback, isPrivate) => {
  expect([isLoopbackHost(host), isPrivateHost(host)]).toEqual([loopback, isPrivate]);
});

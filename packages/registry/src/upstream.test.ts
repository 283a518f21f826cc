// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { createUpstreams } from './upstream.ts';

describe('createUpstreams', () => {
  it.each([
    ['docker.io', 'alpine', undefined, 'docker.io', 'library/alpine', 'docker.io/library/alpine'],
    ['registry-1.docker.io', 'a/b', undefined, 'docker.io', 'a/b', 'docker.io/a/b'],
    ['docker.io', 'alpine', 'index.docker.io', 'docker.io', 'library/alpine', 'docker.io/library/alpine'],
    ['quay.io', 'alpine', undefined, 'quay.io', 'alpine', 'quay.io/alpine'],
    ['quay.io', 'alpine', 'docker.io', 'docker.io', 'library/alpine', 'docker.io/library/alpine'],
    ['docker.io', 'a', 'Quay.io', 'quay.io', 'a', 'quay.io/a'],
    ['localhost:5000', 'a', undefined, 'localhost:5000', 'a', 'localhost_5000/a'],
  ])('of %s finds %s with ns %s', (standard, name, ns, host, repository, cacheName) => {
    const upstreams = createUpstreams(standard, ['quay.io', 'docker.io']);
    expect(upstreams.find(name, ns)).toEqual({ host, repository, cacheName });
  });

  it.each(['evil.example', 'quay.io:443', '127.0.0.1', '', 'quay.io/x', 'doc\u212aer.io'])(
    'goes nowhere for ns=%j',
    (ns) => {
      expect(() => createUpstreams('docker.io', ['quay.io']).find('a', ns)).toThrow(
        expect.objectContaining({ reason: 'NAME_UNKNOWN' }),
      );
    },
  );

  it('refuses a name that is too long once the host stands before it', () => {
    expect(() => createUpstreams('quay.io', []).find('a'.repeat(250), undefined)).toThrow(
      expect.objectContaining({ reason: 'NAME_INVALID' }),
    );
  });

  it.each(['https://quay.io', 'quay.io/a', '[::1]:5000', '../x', '', 'a_b', '-', 'u:p@quay.io'])(
    'refuses %j as an upstream',
    (host) => {
      expect(() => createUpstreams(host, [])).toThrow(
        expect.objectContaining({ code: Code.InvalidArgument }),
      );
    },
  );
});

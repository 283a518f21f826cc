// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  familiarReference,
  formatReference,
  normalizeReference,
  parseDigest,
  parseFamiliarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from './index.ts';

const hex = '0123456789abcdef'.repeat(4);
const digest = parseDigest(`sha256:${hex}`);

describe('parseReference', () => {
  const good: [string, Reference][] = [
    ['docker.io/library/busybox', { host: 'docker.io', repository: 'library/busybox' }],
    ['localhost/a', { host: 'localhost', repository: 'a' }],
    ['LOCAL/a:T_1.x-', { host: 'LOCAL', repository: 'a', tag: 'T_1.x-' }],
    ['r.io:5000/a__b/c-d--e/f.g:latest', { host: 'r.io:5000', repository: 'a__b/c-d--e/f.g', tag: 'latest' }],
    ['[2001:db8::1]:5000/a', { host: '[2001:db8::1]:5000', repository: 'a' }],
    ['[::1]/a', { host: '[::1]', repository: 'a' }],
    [`r.io/a@sha256:${hex}`, { host: 'r.io', repository: 'a', digest }],
    [`r.io/a:1@sha256:${hex}`, { host: 'r.io', repository: 'a', tag: '1', digest }],
    [`r.io/a:${'t'.repeat(128)}`, { host: 'r.io', repository: 'a', tag: 't'.repeat(128) }],
    [`r.io/${'a'.repeat(255)}`, { host: 'r.io', repository: 'a'.repeat(255) }],
    [`${'h.'.repeat(125)}io/a`, { host: `${'h.'.repeat(125)}io`, repository: 'a' }],
    ['192.0.2.7:443/a/b', { host: '192.0.2.7:443', repository: 'a/b' }],
    ['192.0.2.7/a:443', { host: '192.0.2.7', repository: 'a', tag: '443' }],
    ['R-1.Example/a', { host: 'R-1.Example', repository: 'a' }],
    ['host:0/a', { host: 'host:0', repository: 'a' }],
    ['xn--bcher-kva.example/a', { host: 'xn--bcher-kva.example', repository: 'a' }],
    ['[FE80:0:0:0:1:2:3:4]:5000/a', { host: '[FE80:0:0:0:1:2:3:4]:5000', repository: 'a' }],
    ['[::]/a', { host: '[::]', repository: 'a' }],
    ['[1::]/a', { host: '[1::]', repository: 'a' }],
    ['r.io/r.io/a.b.c', { host: 'r.io', repository: 'r.io/a.b.c' }],
    ['index.docker.io/a', { host: 'index.docker.io', repository: 'a' }],
    ['docker.io/a', { host: 'docker.io', repository: 'a' }],
    [`r.io/${hex}`, { host: 'r.io', repository: hex }],
  ];
  it.each(good)('reads %s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
    expect(formatReference(expected)).toBe(text);
  });

  it.each([
    ['', 'nothing'],
    ['busybox', 'no host'],
    ['library/busybox', 'a folder in the place of a host'],
    ['r.io/', 'no repository'],
    ['r.io//a', 'an empty component'],
    ['/a', 'an empty host'],
    ['r.io/A', 'upper case in the repository'],
    ['r.io/a/', 'a slash at the end'],
    ['r.io/a..b', 'two dots'],
    ['r.io/a___b', 'three underscores'],
    ['r.io/a._b', 'two kinds of separator'],
    ['r.io/-a', 'a separator first'],
    ['r.io/a-', 'a separator last'],
    ['r.io/../../etc', 'a way out'],
    ['r.io/a:', 'an empty tag'],
    ['r.io/a:.t', 'a dot first in the tag'],
    [`r.io/a:${'t'.repeat(129)}`, 'a long tag'],
    [`r.io/${'a'.repeat(256)}`, 'a long repository'],
    [`${'h.'.repeat(127)}io/a`, 'a long host'],
    ['0x7f.1/a', 'a host that URLs take for 127.0.0.1'],
    ['2130706433:80/a', 'another one'],
    ['127.1/a', 'a third'],
    ['0177.0.0.1/a', 'a fourth'],
    ['r.io.0/a', 'a host that ends in a number'],
    ['[1:2:3]/a', 'too few groups'],
    ['[1:2:3:4:5:6:7:8:9]/a', 'too many groups'],
    ['[1::2::3]/a', 'two gaps'],
    ['[1:2:3:4::5:6:7:8]/a', 'a gap without room'],
    ['[12345::]/a', 'a group of five digits'],
    ['[fe80::1%25eth0]/a', 'a zone'],
    ['[::ffff:192.0.2.1]/a', 'an IPv4 address in an IPv6 one'],
    ['::1/a', 'an IPv6 address without brackets'],
    ['[::1]', 'a host alone'],
    ['[::1]:5000', 'a host and port alone'],
    ['[::1]x/a', 'a letter after the bracket'],
    ['host:123456/a', 'a port of six digits'],
    ['under_score.example/a', 'a host with an underscore'],
    ['host-:5000/a', 'a host with a hyphen last'],
    ['r.io/a@md5', 'a digest without its hash'],
    [`r.io/a:1@sha256:${hex}:2`, 'a tag after the digest'],
    ['r.io/a@', 'an empty digest'],
    ['r.io/a@sha256:00', 'a short digest'],
    [`r.io/a@sha256:${hex.toUpperCase()}`, 'a digest in upper case'],
    [`r.io/a@sha256:${hex}@sha256:${hex}`, 'two digests'],
    ['r.io:/a', 'an empty port'],
    ['r.io:65536/a', 'a port that is none'],
    ['r.io:80:80/a', 'two ports'],
    ['user@r.io/a', 'a user'],
    ['user:pw@r.io/a', 'a password'],
    ['https://r.io/a', 'a scheme'],
    ['-r.io/a', 'a host with a hyphen first'],
    ['r..io/a', 'a host with an empty label'],
    ['[::1/a', 'half a bracket'],
    ['[r.io]/a', 'a name in brackets'],
    ['r.io/a b', 'a space'],
    ['r.io/a\n', 'a line break'],
    ['r.io/ä', 'a letter that is not ASCII'],
    ['r.io/a?ns=x', 'a query'],
    ['r.io/a#x', 'a fragment'],
    ['r.io/%2e', 'an escape'],
  ])('refuses %j: %s', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
    expect(() => parseReference(text)).toThrow(/^"[\x20-\x7e…]*" is not an image reference: [^\n]+$/);
  });
});

describe('parseFamiliarReference', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox', 'busybox'],
    ['busybox:1', 'docker.io/library/busybox:1', 'busybox:1'],
    ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
    ['library/busybox', 'docker.io/library/busybox', 'busybox'],
    ['a/b', 'docker.io/a/b', 'a/b'],
    ['docker.io/busybox', 'docker.io/library/busybox', 'busybox'],
    ['index.docker.io/busybox', 'docker.io/library/busybox', 'busybox'],
    ['index.docker.io/a/b', 'docker.io/a/b', 'a/b'],
    ['docker.io/library/a/b', 'docker.io/library/a/b', 'library/a/b'],
    ['localhost/a', 'localhost/a', 'localhost/a'],
    ['registry:5000/a', 'registry:5000/a', 'registry:5000/a'],
    ['Host/a', 'Host/a', 'Host/a'],
    ['docker.io/a.b/c', 'docker.io/a.b/c', 'docker.io/a.b/c'],
    [`docker.io/library/${hex}`, `docker.io/library/${hex}`, `library/${hex}`],
    [`${hex}:1`, `docker.io/library/${hex}:1`, `${hex}:1`],
    [`library/${hex}`, `docker.io/library/${hex}`, `library/${hex}`],
    ['192.0.2.7', 'docker.io/library/192.0.2.7', '192.0.2.7'],
    ['192.0.2.7:80', 'docker.io/library/192.0.2.7:80', '192.0.2.7:80'],
    ['r.io', 'docker.io/library/r.io', 'r.io'],
    ['index.docker.io/library/a:1', 'docker.io/library/a:1', 'a:1'],
    ['docker.io/other/library', 'docker.io/other/library', 'other/library'],
    ['store/a/b', 'docker.io/store/a/b', 'store/a/b'],
    ['[::1]:5000/a:1', '[::1]:5000/a:1', '[::1]:5000/a:1'],
    ['HOST/a', 'HOST/a', 'HOST/a'],
    ['a---b/c__d', 'docker.io/a---b/c__d', 'a---b/c__d'],
    [`a:1@sha256:${hex}`, `docker.io/library/a:1@sha256:${hex}`, `a:1@sha256:${hex}`],
    [`a@sha256:${hex}`, `docker.io/library/a@sha256:${hex}`, `a@sha256:${hex}`],
  ])('reads %s as %s', (text, full, short) => {
    const reference = parseFamiliarReference(text);
    expect(formatReference(reference)).toBe(full);
    expect(familiarReference(reference)).toBe(short);
    expect(parseFamiliarReference(short)).toEqual(reference);
  });

  it.each([
    '',
    ':tag',
    '@',
    'Busybox',
    'a/B',
    hex,
    'docker.io/',
    'a:b:c',
    'a/',
    'a//b',
    '-a/b',
    'a-/b',
    '_a/_b',
    'a..b/c',
    'a_.b/c',
    '[::1]',
    'a@b',
    `a/${'b'.repeat(255)}`,
  ])('refuses %j', (text) => {
    expect(() => parseFamiliarReference(text)).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument }),
    );
  });
});

describe('normalizeReference', () => {
  it.each([
    ['docker.io/a:1', 'docker.io/library/a:1'],
    ['index.docker.io/a', 'docker.io/library/a'],
    [`index.docker.io/a/b:1@sha256:${hex}`, `docker.io/a/b:1@sha256:${hex}`],
    ['r.io/a', 'r.io/a'],
    ['localhost/index.docker.io/a', 'localhost/index.docker.io/a'],
  ])('makes %s %s, and that it leaves', (text, expected) => {
    const reference = normalizeReference(parseReference(text));
    expect(formatReference(reference)).toBe(expected);
    expect(normalizeReference(reference)).toEqual(reference);
  });
});

describe('withDefaultTag', () => {
  it.each([
    ['a', 'docker.io/library/a:latest'],
    ['a:1', 'docker.io/library/a:1'],
    [`a@sha256:${hex}`, `docker.io/library/a@sha256:${hex}`],
  ])('makes %s %s', (text, expected) => {
    expect(formatReference(withDefaultTag(parseFamiliarReference(text)))).toBe(expected);
  });
});

const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,8}){0,2}$/);
const host = fc.oneof(
  fc.constantFrom('docker.io', 'localhost', 'localhost:5000', '[::1]:5000', '10.0.0.1', 'HOST'),
  fc.stringMatching(/^[a-zA-Z0-9]{1,8}(?:\.[a-zA-Z0-9]{1,8}){0,2}\.[a-zA-Z]{1,8}(?::[1-9][0-9]{0,3})?$/),
);
const anyReference: fc.Arbitrary<Reference> = fc
  .record(
    {
      host,
      repository: fc.array(component, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/')),
      tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
      digest: fc.constant(digest),
    },
    { requiredKeys: ['host', 'repository'] },
  )
  .filter((reference) => reference.host !== 'index.docker.io');

describe('properties', () => {
  it('every reference survives the way through its text, full and familiar', () => {
    fc.assert(
      fc.property(anyReference, (reference) => {
        expect(parseReference(formatReference(reference))).toEqual(reference);
        expect(parseFamiliarReference(formatReference(reference))).toEqual(reference);
        expect(parseFamiliarReference(familiarReference(reference))).toEqual(reference);
      }),
    );
  });

  it('any text gives a reference that its own text gives again, or a LadingError', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'aA0./:@-_[]') }));
    fc.assert(
      fc.property(text, fc.constantFrom(parseReference, parseFamiliarReference), (input, parse) => {
        try {
          const reference = parse(input);
          expect(parse(formatReference(reference))).toEqual(reference);
        } catch (error) {
          expect(error).toBeInstanceOf(LadingError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

it('takes no host that a URL would lead elsewhere', () => {
  const label = fc.stringMatching(
    /^(?:[a-z0-9X]{1,4}(?:-{1,2}[a-z0-9]{1,4})?|0x[0-9a-f]{1,3}|xn--[a-z0-9]{1,6})$/,
  );
  const host = fc
    .tuple(fc.array(label, { minLength: 1, maxLength: 4 }), fc.constantFrom('', ':1', ':65535', ':65536'))
    .map(([labels, port]) => `${labels.join('.')}${port}`);
  fc.assert(
    fc.property(host, (text) => {
      const isTaken = (() => {
        try {
          return parseReference(`${text}/a`).host === text;
        } catch {
          return false;
        }
      })();
      if (!isTaken) return;
      expect(new URL(`https://${text}`).hostname).toBe(text.replace(/:\d+$/, '').toLowerCase());
    }),
    { numRuns: 2000 },
  );
});

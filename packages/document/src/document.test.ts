// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJson, parseDocument, readJson, remember } from './document.ts';
import { uint53, uint64 } from './integer.ts';
import { anything, list, map, object } from './rule.ts';

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('encodeJson of a parsed document', () => {
  it('gives back the bytes, whatever their spacing, order and escapes', () => {
    const text = '{ "b" : 1.0,\n\t"a": "\\u00e9", "b": 2e0 }';
    const document = parseDocument('document', anything, text);
    expect(decode(encodeJson(document))).toBe(text);
    expect(decode(encodeJson(parseDocument('document', anything, new TextEncoder().encode(text))))).toBe(
      text,
    );
  });

  it('gives back the bytes of any JSON object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(4), (value, spaces) => {
        const text = JSON.stringify(value, undefined, spaces);
        expect(decode(encodeJson(parseDocument('document', anything, text)))).toBe(text);
      }),
    );
  });

  it('is not changed by what is done to the input or the output', () => {
    const input = new TextEncoder().encode('{"a":1}');
    const document = parseDocument('document', anything, input);
    input.fill(0);
    encodeJson(document).fill(0);
    expect(decode(encodeJson(document))).toBe('{"a":1}');
  });

  it('gives back an optional null that the document lacks', () => {
    const rule = object<{ a?: number }>({ a: uint53 });
    const document = parseDocument('document', rule, '{"a":null}');
    expect(document).toEqual({});
    expect(decode(encodeJson(document))).toBe('{"a":null}');
  });

  it('writes an edited copy anew, with its unknown members', () => {
    const document = parseDocument('document', map(anything), '{ "a": 1, "b": 18446744073709551615 }');
    expect(decode(encodeJson({ ...document, a: 2 }))).toBe('{"a":2,"b":18446744073709551615}');
  });
});

describe('a document from bytes', () => {
  it('is frozen to its depth', () => {
    const document = parseDocument('document', map(list(map(anything))), '{"a":[{"b":1}]}');
    expect(Object.isFrozen(document.a?.[0])).toBe(true);
  });

  it('may be nested deeper than the stack', () => {
    const text = `${'[1,'.repeat(1_000_000)}1${']'.repeat(1_000_000)}`;
    expect(decode(encodeJson(parseDocument('document', anything, text)))).toBe(text);
  });

  it('keeps a member named __proto__ to itself', () => {
    const rule = object<{ a?: number }>({ a: uint53 });
    const document = parseDocument('document', rule, '{"__proto__":{"x":1},"a":null}');
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
    expect(Object.hasOwn(document, '__proto__')).toBe(true);
  });

  it.each([
    ['a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['no JSON', '{'],
    ['nothing', ''],
  ])('is refused with %s', (_, input) => {
    expect(() => readJson('document', input)).toThrow(
      expect.objectContaining({
        code: Code.InvalidArgument,
        message: expect.stringMatching(/^\[?.*document: not a JSON document/),
      }),
    );
  });

  it('is refused unread beyond the limit', () => {
    expect(() => readJson('document', '[1, 2]', { maxBytes: 5 })).toThrow(
      expect.objectContaining({ code: Code.ResourceExhausted }),
    );
  });

  it('hides its text from the message', () => {
    expect(() => readJson('document', 'password')).toThrow(/^((?!password).)*$/s);
  });
});

describe('an integer that a double would round', () => {
  it('is an error that names the field and shows all digits', () => {
    const rule = object<{ size: number }>({ size: uint53 }, ['size']);
    expect(() => parseDocument('document', rule, '{"size":9007199254740993}')).toThrow(
      'document.size: expected a whole number from 0 to 2^53 - 1, got 9007199254740993',
    );
  });

  it('is a bigint where the field has 64 bits', () => {
    const rule = object<{ size: number | bigint }>({ size: uint64 }, ['size']);
    expect(parseDocument('document', rule, '{"size":18446744073709551615}').size).toBe(2n ** 64n - 1n);
    expect(() => parseDocument('document', rule, '{"size":18446744073709551616}')).toThrow('document.size');
  });
});

describe('encodeJson of a value', () => {
  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a circle', ((a: Record<string, unknown>) => Object.assign(a, { a }))({})],
  ])('refuses %s', (_, value) => {
    expect(() => encodeJson(value)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });
});

it('remember leaves what comes from no bytes as it is', () => {
  const value = { a: 1 };
  expect(remember(value, value)).toBe(value);
  expect(Object.isFrozen(value)).toBe(false);
});

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

  it('is not changed by what is done to a Buffer, whose slices share memory', () => {
    const input = Buffer.from('{"a":1}');
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

  it('keeps every digit of integers in members that no rule knows, however deep', () => {
    const rule = object<{ a?: number }>({ a: uint53 });
    const digits = fc.stringMatching(/^-?[1-9]\d{0,60}$/);
    const value = fc.oneof(
      digits,
      fc.array(digits, { maxLength: 3 }).map((list) => `[${list}]`),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            value,
            value.map((inner) => `{"b":${inner}}`),
          ),
          { maxLength: 3 },
        ),
        (list) => {
          const text = `{"a":1,"x":[${list}]}`;
          const document = parseDocument('document', rule, text);
          expect(decode(encodeJson({ ...document }))).toBe(text);
        },
      ),
    );
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
    ['half a surrogate pair', '{"a":"\ud83d"}'],
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

  it('is measured in bytes also when it is text', () => {
    const text = '["é€🚢"]';
    const sizeBytes = new TextEncoder().encode(text).length;
    expect(readJson('document', text, { maxBytes: sizeBytes })).toEqual(['é€🚢']);
    expect(() => readJson('document', text, { maxBytes: sizeBytes - 1 })).toThrow(
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

  it('is found at the beginning of the document', () => {
    expect(readJson('document', '9007199254740993')).toBe(9007199254740993n);
  });

  it('is found in a document whatever stands before it', () => {
    const values = [
      '[9007199254740993]',
      '[0,9007199254740993]',
      '{"a":9007199254740993}',
      '[\n9007199254740993]',
    ];
    for (const text of [...values, '[ 9007199254740993]', '[\t9007199254740993]', '[\r9007199254740993]']) {
      expect(Object.values(readJson('document', text) as object).at(-1), text).toBe(9007199254740993n);
    }
    expect(readJson('document', '[-9007199254740993]')).toEqual([-9007199254740993n]);
  });

  it('is an error beyond a thousand digits, also in members that no rule knows', () => {
    expect(readJson('document', `{"x":${'9'.repeat(1000)}}`)).toEqual({ x: 10n ** 1000n - 1n });
    expect(() => readJson('document', `{"x":${'9'.repeat(1001)}}`)).toThrow(
      'document: the integer at "x" has more than 1000 digits',
    );
  });

  it('shows no more than a line of digits', () => {
    expect(() => parseDocument('document', map(uint53), `{"x":${'9'.repeat(1000)}}`)).toThrow(
      'document["x"]: expected a whole number from 0 to 2^53 - 1, got a number of more than 40 digits',
    );
  });

  it.each(['1e16', '9007199254740993.0', '9.007199254740993e15', '1e400'])(
    'is an error also as %s',
    (text) => {
      const rule = object<{ size: number }>({ size: uint53 }, ['size']);
      expect(() => parseDocument('document', rule, `{"size":${text}}`)).toThrow('document.size: expected');
    },
  );

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
    ['a number that is none', { a: Number.NaN }],
    ['a number without end', [Number.POSITIVE_INFINITY]],
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

// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import {
  anything,
  boolean,
  constant,
  describe as describeValue,
  emptyObject,
  list,
  map,
  object,
  oneOf,
  pattern,
  type Rule,
  satisfies,
  string,
  strings,
} from './rule.ts';

interface Crate {
  readonly kind: 'box' | 'barrel';
  readonly marks?: readonly string[];
  readonly 'un.number'?: string;
  readonly parts?: Readonly<Record<string, Crate>>;
}
const crate: Rule<Crate> = (value, at) =>
  object<Crate>(
    {
      kind: oneOf('box', 'barrel'),
      marks: strings,
      'un.number': pattern('UN and digits', /^UN\d+$/),
      parts: map(crate),
    },
    ['kind'],
  )(value, at);

describe('a rule', () => {
  it('returns the value itself where nothing is to be dropped', () => {
    const value = { kind: 'box', marks: ['a'], parts: { lid: { kind: 'barrel' } }, later: 1 };
    expect(crate(value, 'crate')).toBe(value);
  });

  it('returns a copy without an optional null, however deep, and leaves the value alone', () => {
    const value = { kind: 'box', parts: { lid: { kind: 'barrel', marks: null } }, later: null };
    expect(crate(value, 'crate')).toEqual({ kind: 'box', parts: { lid: { kind: 'barrel' } }, later: null });
    expect(value.parts.lid.marks).toBeNull();
    expect(satisfies(crate, value)).toBe(false);
  });

  it.each([
    ['a list', [], 'crate: expected an object, got a list'],
    ['null', null, 'crate: expected an object, got null'],
    ['nothing where something is required', {}, 'crate.kind: expected one of box, barrel, got nothing'],
    ['null where something is required', { kind: null }, 'crate.kind: expected one of box, barrel, got null'],
    ['a name of Object.prototype', { kind: 'constructor' }, 'crate.kind: expected one of box, barrel'],
    [
      'a text of another form',
      { kind: 'box', 'un.number': '7' },
      'crate["un.number"]: expected UN and digits, got "7"',
    ],
    ['an item of another type', { kind: 'box', marks: ['a', 1] }, 'crate.marks[1]: expected a string, got 1'],
    ['a hole in a list', { kind: 'box', marks: Array(1) }, 'crate.marks[0]: expected a string, got nothing'],
    [
      'a fault below a free key',
      { kind: 'box', parts: { 'a"b': 1 } },
      'crate.parts["a\\"b"]: expected an object, got 1',
    ],
  ])('refuses %s and names the place', (_name, value, message) => {
    expect(() => crate(value, 'crate')).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
    expect(() => crate(value, 'crate')).toThrow(message);
  });

  it('does not hide what is no fault of the value', () => {
    const broken = Object.defineProperty({}, 'kind', {
      get: () => {
        throw new TypeError('broken');
      },
    });
    expect(() => satisfies(crate, broken)).toThrow('broken');
  });
});

describe('satisfies', () => {
  it.each<[string, Rule<unknown>, unknown, boolean]>([
    ['anything', anything, undefined, true],
    ['a string', string, '', true],
    ['a string', string, 1, false],
    ['true or false', boolean, 'true', false],
    ['a constant', constant(2), 2, true],
    ['a constant', constant(2), '2', false],
    ['an empty object', emptyObject, { later: 1 }, true],
    ['an empty object', emptyObject, null, false],
    ['a list of at least one', list(string, 1), [], false],
    ['a list of at least one', list(string, 1), ['a'], true],
    ['a map', map(string), { a: 'b' }, true],
    ['a map', map(string), { a: 1 }, false],
  ])('%s: %j', (_name, rule, value, expected) => {
    expect(satisfies(rule, value)).toBe(expected);
  });
});

describe('describe', () => {
  it.each([
    ['a hostile text', '\u001b[2J\n\u202e', '"\\u001b[2J\\n?"'],
    ['a long text', 'x'.repeat(500), `"${'x'.repeat(128)}…"`],
    ['a program', () => 'secret', 'a function'],
    ['a long number', 10n ** 50n, 'a number of more than 40 digits'],
    ['nothing', undefined, 'nothing'],
  ])('puts %s on one short line of ASCII', (_name, value, expected) => {
    expect(describeValue(value)).toBe(expected);
  });
});

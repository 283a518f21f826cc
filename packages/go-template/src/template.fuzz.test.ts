// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseGoTime, renderTemplate, withMethods } from './index.ts';

const value: Readonly<Record<string, unknown>> = {
  ID: '4f2',
  Names: ['a', 'b'],
  Labels: new Map([['a', '1']]),
  N: 3,
  T: true,
  Z: null,
  S: { A: 'x' },
  When: parseGoTime('2024-01-02T03:04:05Z'),
  Digest: withMethods('sha256:ab', { Hex: () => 'ab' }),
};

const words = [
  ...[
    '{{',
    '}}',
    '{{-',
    '-}}',
    ' ',
    '.',
    '.ID',
    '.Names',
    '.Labels',
    '.N',
    '.S.A',
    '.Z',
    '.When',
    '.Digest.Hex',
    '$',
    '$x',
  ],
  ...[
    'if ',
    'else',
    'end',
    'range ',
    'with ',
    'define ',
    'template ',
    'block ',
    'break',
    'continue',
    '"x"',
    '`y`',
    "'c'",
  ],
  ...[
    'printf ',
    '"%v %5d"',
    'json ',
    'join ',
    'len ',
    'index ',
    'slice ',
    'eq ',
    'lt ',
    'and ',
    'or ',
    'not ',
    'html ',
  ],
  ...[
    ':=',
    '=',
    ',',
    '|',
    '(',
    ')',
    '1',
    '-2',
    '3.5',
    '0x1F',
    'nil',
    'true',
    '/*',
    '*/',
    '\n',
    'text',
    '\\',
    '%',
  ],
];
const pieces = fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((list) => list.join(''));
const actions = fc.array(
  fc.oneof(
    fc.constantFrom(
      '{{if .T}}',
      '{{else}}',
      '{{end}}',
      '{{range .Names}}',
      '{{with .S}}',
      '{{define "x"}}',
      '{{template "x" .}}',
      'a',
    ),
    fc.array(fc.constantFrom(...words.slice(5)), { maxLength: 5 }).map((list) => `{{${list.join('')}}}`),
  ),
  { maxLength: 8 },
);

/** What a template may end in: text, the same each time, or an error of ours that says which template. */
function ends(template: string): string {
  try {
    const text = renderTemplate(template, value, { name: 't' });
    expect(renderTemplate(template, value)).toBe(text);
    return text;
  } catch (error) {
    if (!(error instanceof LadingError)) throw error;
    expect(error.message).toMatch(/^template: t:|^the template runs/);
    return '';
  }
}

it('ends in text or in an error that has its place, whatever the template', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        pieces,
        actions.map((list) => list.join('')),
        fc.string(),
      ),
      (template) => {
        ends(template);
      },
    ),
    { numRuns: 100_000 },
  );
}, 120_000);

it('leaves text without actions alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(!text.includes('{{'));
      expect(renderTemplate(text, value)).toBe(text);
      // What stands for the text in a constant of Go's is read back.
      expect(renderTemplate(`{{${JSON.stringify(text.toWellFormed())}}}`, value)).toBe(text.toWellFormed());
    }),
    { numRuns: 100_000 },
  );
}, 120_000);

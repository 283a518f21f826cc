// SPDX-License-Identifier: Apache-2.0

const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** The text of a Go string or character constant, quotes included; undefined when an escape is wrong. */
export function unquote(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal.startsWith('`')) return body;
  let wrong = false;
  const text = body.replace(
    /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)/gs,
    (_, code: string) => {
      if (code.length === 1) {
        if (Object.hasOwn(simple, code)) return simple[code] ?? '';
        wrong = true;
        return '';
      }
      const point = /^[0-7]/.test(code) ? Number.parseInt(code, 8) : Number.parseInt(code.slice(1), 16);
      if (point <= 0x10_ffff) return String.fromCodePoint(point);
      wrong = true;
      return '';
    },
  );
  return wrong ? undefined : text;
}

/** Go's forms of a whole number: `_` may stand between digits, and after a prefix. */
const whole = /^(?:0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;
const decimal = /^(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d+)?$/;
const hexadecimal = /^0[xX](?:_?([\da-fA-F]+))?\.?([\da-fA-F]*)[pP]([+-]?\d+)$/;

/** The value of a Go number constant; a text that says what is wrong with it otherwise. */
export function parseNumber(text: string): number | string {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]/, '');
  const clean = digits.replaceAll('_', '');
  if (whole.test(digits)) {
    const value = Number(/^0\d/.test(clean) ? BigInt(`0o${clean.slice(1)}`) : BigInt(clean));
    return value < 2 ** 63 ? sign * value : 'integer overflow';
  }
  const [, before = '', after = '', power] = hexadecimal.exec(clean) ?? [];
  if (power !== undefined && before + after !== '') {
    const mantissa = Number(BigInt(`0x${before}${after}`));
    return sign * mantissa * 2 ** (Number(power) - 4 * after.length);
  }
  const value = decimal.test(digits) ? Number(clean) : Number.NaN;
  return Number.isFinite(value) ? sign * value : 'bad number syntax';
}

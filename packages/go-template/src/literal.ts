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

/** The value of a Go number constant; undefined when it is none. */
export function parseNumber(text: string): number | undefined {
  const digits = text.replaceAll('_', '');
  const value = digits.startsWith('-') ? -Number(digits.slice(1)) : Number(digits);
  return Number.isNaN(value) ? undefined : value;
}

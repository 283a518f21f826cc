// SPDX-License-Identifier: Apache-2.0
import type { Parsed } from './parse-value.ts';

/** One record of CSV by RFC 4180, as Go's encoding/csv reads it. */
export function parseCsv(text: string): Parsed<readonly string[]> {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const end = text.indexOf(',', at);
      const field = text.slice(at, end === -1 ? undefined : end);
      const mark = field.indexOf('"');
      if (mark !== -1) return problem(at + mark, 'bare " in non-quoted-field');
      fields.push(field);
      if (end === -1) return { value: fields };
      at = end + 1;
      continue;
    }
    let field = '';
    at++;
    for (;;) {
      const end = text.indexOf('"', at);
      if (end === -1) return problem(text.length, 'extraneous or missing " in quoted-field');
      field += text.slice(at, end);
      at = end + 1;
      if (text[at] !== '"') break;
      field += '"';
      at++;
    }
    fields.push(field);
    if (at === text.length) return { value: fields };
    if (text[at] !== ',') return problem(at - 1, 'extraneous or missing " in quoted-field');
    at++;
  }
}

function problem(column: number, what: string): { problem: string } {
  return { problem: `parse error on line 1, column ${column + 1}: ${what}` };
}

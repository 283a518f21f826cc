// SPDX-License-Identifier: Apache-2.0
import type { ErrorKind, Line, Row } from './row.ts';

/** What a program has done. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What one line has done, to be compared. */
export interface Result {
  readonly line: string;
  readonly code: number;
  readonly out: string;
  readonly err: ErrorKind;
}

/** A result without what no two runs share. `places` are texts and what stands for them. */
export function resultOf(
  { only, ignore, ignored = [], unordered = [] }: Row,
  index: number,
  line: Line,
  { code, out, err }: Ended,
  places: ReadonlyMap<string, string>,
): Result {
  let text = ignored.includes(index) ? '' : normalized(out, places);
  if (only !== undefined) text = only.exec(text)?.[0] ?? '';
  if (ignore !== undefined) text = text.replaceAll(ignore, '~');
  if (unordered.includes(index)) text = text.split('\n').toSorted().join('\n');
  return { line: String(line), code, out: text, err: kindOf(err) };
}

function kindOf(err: string): ErrorKind {
  // podman's log lines.
  const words = err.replaceAll(/^time="[^"]*" level=.*\n/gm, '');
  if (words === '') return 'nothing';
  return /^Error: /m.test(words) ? 'error' : 'words';
}

const age = /\b(?:Less than an? |About an? |\d+ )(?:second|minute|hour|day|week|month|year)s?\b/g;

/** Made-up ids keep their width, so that tables are compared with their columns; ages do not. */
function normalized(out: string, places: ReadonlyMap<string, string>): string {
  let text = out;
  for (const [place, name] of places) text = text.replaceAll(place, name);
  text = text
    .replaceAll(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( [A-Z]{3,4})?/g, '<time>')
    .replaceAll(
      /(?<![\da-f]|sha256:)(?=[\da-f]*\d)(?:[\da-f]{64}|[\da-f]{12})(?![\da-f])/g,
      (id) => `<id>${'-'.repeat(id.length - 4)}`,
    );
  return age.test(text)
    ? text.replaceAll(age, '<age>').replaceAll(/ {2,}/g, '  ').replaceAll(/ +$/gm, '')
    : text;
}

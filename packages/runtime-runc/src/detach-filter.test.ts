// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { createDetachFilter } from './detach-filter.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (part: Uint8Array) => new TextDecoder().decode(part);

describe('the detach filter', () => {
  const cases: [string, string, string[], string, boolean][] = [
    ['passes what is typed', 'PQ', ['abc'], 'abc', false],
    ['finds the keys in one chunk and drops what follows', 'PQ', ['aPQb'], 'a', true],
    ['finds the keys over two chunks', 'PQ', ['aP', 'Qb'], 'a', true],
    ['gives back a beginning that was none', 'PQ', ['P', 'x'], 'Px', false],
    ['takes a repeated first key as a new beginning', 'PQ', ['PPQ'], 'P', true],
    ['falls back to a shorter beginning', 'ababc', ['abababc'], 'ab', true],
    ['gives back a beginning at the end of the input', 'PQ', ['abP'], 'abP', false],
    ['finds nothing without keys', '', ['PQ'], 'PQ', false],
  ];
  it.each(cases)('%s', (_name, sequence, chunks, passed, detached) => {
    const filter = createDetachFilter(bytes(sequence));
    const results = chunks.map((chunk) => filter.push(bytes(chunk)));
    const rest = results.at(-1)?.detached ? '' : text(filter.rest());
    expect(results.map(({ pass }) => text(pass)).join('') + rest).toBe(passed);
    expect(results.at(-1)?.detached).toBe(detached);
  });
});

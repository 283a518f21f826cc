// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createWarningFilter, type RegistryWarning } from './warnings.ts';

function seen(headers: readonly string[], hosts: readonly string[] = ['r.example']) {
  const found: RegistryWarning[] = [];
  const note = createWarningFilter((warning) => found.push(warning));
  for (const host of hosts) for (const header of headers) note(host, new Headers({ warning: header }));
  return found;
}

it('each text is told once a host', () => {
  const headers = ['299 - "a", 299 - "b"', '299 - "b"', '299 - "a \\"b\\""'];
  const texts = ['a', 'b', 'a "b"'];
  expect(seen(headers, ['r.example', 's.example', 'r.example'])).toEqual([
    ...texts.map((text) => ({ host: 'r.example', text })),
    ...texts.map((text) => ({ host: 's.example', text })),
  ]);
});

it('several headers in one answer are read as one', () => {
  const found: string[] = [];
  const headers = new Headers([
    ['warning', '299 - "a"'],
    ['warning', '110 cache "stale"'],
    ['warning', '299 - "b" "Thu, 01 Jan 2026 00:00:00 GMT"'],
  ]);
  createWarningFilter(({ text }) => found.push(text))('r.example', headers);
  expect(found).toEqual(['a', 'b']);
});

it('a registry with ever new warnings does not keep other registries from being heard', () => {
  const flood = Array.from({ length: 500 }, (_, index) => `299 - "${index}"`);
  const found: RegistryWarning[] = [];
  const note = createWarningFilter((warning) => found.push(warning));
  for (const header of flood) note('loud.example', new Headers({ warning: header }));
  note('quiet.example', new Headers({ warning: '299 - "hear me"' }));
  expect(found.length).toBeLessThan(200);
  expect(found.at(-1)).toEqual({ host: 'quiet.example', text: 'hear me' });
});

it('what a registry writes is told as it is, and any other text as one clean line or not at all', {
  timeout: 60_000,
}, () => {
  const printable = fc.string({ unit: fc.constantFrom(...'abc ",\\:/%29'), maxLength: 20 });
  const noise = fc.string({
    unit: fc.constantFrom('2', '9', ' ', '-', '"', '\\', ',', 'a', '\u009b', 'é', '\t'),
    maxLength: 30,
  });
  fc.assert(
    fc.property(fc.array(printable, { maxLength: 3 }), noise, fc.nat(60), (texts, junk, at) => {
      const header = texts.map((text) => `299 - "${text.replaceAll(/["\\]/g, '\\$&')}"`).join(', ');
      const clean = texts.map((text) => text.replaceAll(/\s+/g, ' ').trim());
      expect(seen([header]).map(({ text }) => text)).toEqual(
        [...new Set(clean)].filter((text) => text !== ''),
      );
      for (const damaged of [junk, header.slice(0, at) + junk + header.slice(at)]) {
        for (const { text } of seen([damaged])) expect(text).toMatch(/^[^\p{Cc}\p{Cf}]+$/u);
      }
    }),
    { numRuns: 100_000 },
  );
});

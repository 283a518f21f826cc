// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSchema, vectorsFolder } from '../../../../tools/test-support/vectors.ts';
import { compare, documents, type Kind, reasons, schemaFolder } from './agreement.ts';
import { type Place, placesOf } from './schema-places.ts';

const kinds = Object.keys(documents) as Kind[];
const places = new Map<Kind, readonly Place[]>(
  kinds.map((kind) => [kind, placesOf(schemaFolder, documents[kind].root)]),
);

/** JSON texts, since some numbers have no other form. */
const anywhere: readonly string[] = [
  'null',
  'true',
  'false',
  '""',
  '"x"',
  '"1.0.0"',
  '" "',
  '[]',
  '{}',
  '[null]',
  '[{}]',
  '[[]]',
  '["x"]',
  '[1]',
  '{"":null}',
  '{"x":null}',
  '{"x":{}}',
  '{"x":1}',
  '{"x":"y"}',
  '{"":""}',
  '{"\\n":1}',
  '{"__proto__":{"x":1}}',
  '0',
  '-0',
  '1',
  '-1',
  '0.5',
  '1.0',
  '1e2',
  '8',
  '100',
  '101',
  '-1000',
  '1e300',
  '-1e300',
];
const bounds = [7, 8, 15, 16, 31, 32, 53, 63, 64].flatMap((bits) => {
  const power = 1n << BigInt(bits);
  return [power - 1n, power, power + 1n, -power + 1n, -power, -power - 1n].map(String);
});
const texts: readonly string[] = [
  'RLIMIT_NOFILE',
  'RLIMIT_',
  'RLIMIT_nofile',
  'xRLIMIT_CORE',
  'CAP_CHOWN',
  'CAP_chown',
  'CAP_',
  'CHOWN',
  'c',
  'b',
  'u',
  'p',
  'a',
  'cb',
  'c\n',
  '0-3,7',
  '0, 1',
  '0;1',
  '2MB',
  '1GB',
  '64kB',
  '0MB',
  '02MB',
  '2MB\n',
  'MB:0=1',
  'MB:\n',
  'mb:',
  'running',
  'paused',
  'class',
  'rslave',
  'slave',
  '1',
  '1.0',
  '1.0.0-rc.1+b',
  '1.0.0-',
  '01.0.0',
  'v1.0.0',
  '1.0.0\n',
].map((text) => JSON.stringify(text));

/** Words of the schema's own, with a letter more and a letter less. */
function wordsOf(place: Place): string[] {
  const words = (place.schema.enum ?? []) as string[];
  return words
    .flatMap((word) => [word, `${word}X`, word.slice(1), word.toLowerCase(), `${word} `])
    .map((word) => JSON.stringify(word));
}

const used = new Set<string>();
function check(kind: Kind, text: string): void {
  for (const reason of compare(kind, text).exception?.split(', ') ?? []) used.add(reason);
}

describe.each(kinds)('schema and parser of %s agree', (kind) => {
  it.each((places.get(kind) ?? []).map((place): [string, Place] => [place.name || 'the whole', place]))(
    'on %s',
    (_name, place) => {
      check(kind, JSON.stringify(place.documentWith(undefined) ?? {}));
      for (const text of [...anywhere, ...bounds, ...texts, ...wordsOf(place)]) {
        const mark = 'the value under test';
        check(
          kind,
          JSON.stringify(place.documentWith(mark)).replace(JSON.stringify(mark), () => text),
        );
      }
    },
  );
});

describe('the places that are tried', () => {
  it('come from each of the sixteen schemas, and from each definition that a document can reach', () => {
    const reached = new Set([...places.values()].flat().flatMap(({ files }) => [...files]));
    const files = readdirSync(join(vectorsFolder, schemaFolder));
    expect(files).toHaveLength(16);
    expect(files.filter((file) => ![...reached].some((name) => name.startsWith(`${file}#`)))).toEqual([]);
    const definitions = files.flatMap((file) =>
      Object.keys((readSchema(join(schemaFolder, file)).definitions ?? {}) as object).map(
        (name) => `${file}#/definitions/${name}`,
      ),
    );
    expect(definitions.filter((name) => !reached.has(name))).toEqual(
      // No document of 1.3 refers to these.
      ['int8', 'int16', 'percent'].map((name) => `defs.json#/definitions/${name}`),
    );
  });

  it('use every reason to differ, but those of members that the schema lacks', () => {
    expect([...reasons].filter((reason) => !used.has(reason))).toEqual(['members that the schema lacks']);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutated } from '../../../../tools/test-support/mutated.ts';
import { schemaArbitrary } from '../../../../tools/test-support/schema-arbitrary.ts';
import { vectorsFolder } from '../../../../tools/test-support/vectors.ts';
import { encodeJson, isFeatures, isSpec, isState } from '../../src/index.ts';
import { compare, documents, type Kind, schemaFolder } from './agreement.ts';
import { placesOf } from './schema-places.ts';

const is = { config: isSpec, state: isState, features: isFeatures };
const kinds = Object.keys(documents) as Kind[];

interface Vector {
  readonly kind: Kind;
  readonly name: string;
  readonly bytes: Buffer;
}

function vectors(quality: 'good' | 'bad'): Vector[] {
  return kinds.flatMap((kind) => {
    const folder = join(vectorsFolder, 'runtime-spec/test', kind, quality);
    return readdirSync(folder).map((name) => ({ kind, name, bytes: readFileSync(join(folder, name)) }));
  });
}

describe("the OCI's documents", () => {
  it.each(vectors('good'))('$kind/$name is taken, and gives its bytes back', ({ kind, bytes }) => {
    const document = documents[kind].parse(bytes);
    expect(is[kind](document)).toBe(true);
    expect(Buffer.from(encodeJson(document)).equals(bytes)).toBe(true);
    expect(compare(kind, bytes.toString())).toEqual({ accepted: true });
  });

  it.each(vectors('bad'))('$kind/$name is refused', ({ kind, bytes }) => {
    expect(() => documents[kind].parse(bytes)).toThrow(/^(spec|state|features)\b.*: /);
  });

  it('are nineteen', () => {
    expect([...vectors('good'), ...vectors('bad')]).toHaveLength(19);
  });
});

describe.each(kinds)('schema and parser of %s agree', (kind) => {
  const { root } = documents[kind];
  const generated = schemaArbitrary(`${schemaFolder}/${root}`);
  const names = placesOf(schemaFolder, root).map(({ name }) => name.split('.').at(-1) ?? '');

  it('on what the schema describes', () => {
    fc.assert(
      fc.property(generated, (document) => {
        compare(kind, JSON.stringify(document));
      }),
      { numRuns: 3_000 },
    );
  });

  it('on what is nearly so', () => {
    const good = vectors('good')
      .filter((vector) => vector.kind === kind)
      .map(({ bytes }): unknown => JSON.parse(bytes.toString()));
    fc.assert(
      fc.property(mutated(fc.oneof(generated, fc.constantFrom(...good)), names), (document) => {
        compare(kind, JSON.stringify(document));
      }),
      { numRuns: 10_000 },
    );
  });
});

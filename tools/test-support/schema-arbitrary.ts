// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from 'node:path/posix';
import fc from 'fast-check';
import { readSchema } from './vectors.ts';

type Schema = Readonly<Record<string, unknown>>;
/** How a schema file is read; by default from the OCI's vectors. */
type ReadFile = (path: string) => Schema;
/** A schema and the file that it stands in, which its references start from. */
interface Place {
  readonly file: string;
  readonly schema: Schema;
}

/**
 * Documents as a JSON schema (draft-04) describes them; `path` as in `image-spec/schema/config-schema.json`,
 * with a fragment where only a part is meant. The schema itself stays the judge of each: a keyword that is
 * not known here makes documents that it refuses.
 */
export function schemaArbitrary(path: string, read: ReadFile = readSchema): fc.Arbitrary<unknown> {
  return arbitraryOf(resolve(path, '', read), read, 0);
}

function resolve(reference: string, from: string, read: ReadFile): Place {
  const [file = '', fragment = ''] = reference.split('#');
  const path = file === '' ? from : join(dirname(from), file);
  let schema: unknown = read(path);
  for (const name of fragment.split('/').filter((part) => part !== '')) {
    schema = (schema as Schema | undefined)?.[name.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  if (typeof schema !== 'object' || schema === null)
    throw new Error(`${from} refers to ${reference}: nothing`);
  return { file: path, schema: schema as Schema };
}

function arbitraryOf({ file, schema }: Place, read: ReadFile, depth: number): fc.Arbitrary<unknown> {
  if (depth > 40) throw new Error(`${file}: a schema that refers to itself has no end here`);
  const at = (inner: unknown): fc.Arbitrary<unknown> =>
    arbitraryOf({ file, schema: inner as Schema }, read, depth + 1);
  // In draft-04 a reference stands for the whole schema: its siblings do not count.
  if (typeof schema.$ref === 'string') return arbitraryOf(resolve(schema.$ref, file, read), read, depth + 1);
  if (Array.isArray(schema.enum)) return fc.constantFrom<unknown>(...schema.enum);
  const parts = ((schema.allOf ?? []) as unknown[]).map(at);
  for (const choice of [schema.oneOf, schema.anyOf] as (unknown[] | undefined)[]) {
    if (choice !== undefined) parts.push(fc.oneof(...choice.map(at)));
  }
  if (parts.length === 0 || schema.type !== undefined || schema.properties !== undefined) {
    const types = [schema.type ?? (schema.properties === undefined ? 'anything' : 'object')].flat();
    parts.push(fc.oneof(...types.map((type) => ofType(String(type), schema, at))));
  }
  return fc.tuple(...parts).map((values) => values.reduce(merge));
}

/** A value of all of several schemas: their members together, or the narrowest, which comes first. */
function merge(all: unknown, value: unknown): unknown {
  return isObject(all) && isObject(value) ? { ...all, ...value } : all;
}

function ofType(
  type: string,
  schema: Schema,
  at: (inner: unknown) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const number = (name: string, fallback: number): number => (schema[name] as number | undefined) ?? fallback;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({
        min: Math.max(number('minimum', Number.MIN_SAFE_INTEGER), Number.MIN_SAFE_INTEGER),
        max: Math.min(number('maximum', Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER),
      });
    case 'number':
      return fc.double({
        min: number('minimum', -1e300),
        max: number('maximum', 1e300),
        noNaN: true,
        noDefaultInfinity: true,
      });
    case 'string':
      return stringOf(schema);
    case 'array':
      return fc.array(schema.items === undefined ? fc.jsonValue({ maxDepth: 1 }) : at(schema.items), {
        minLength: number('minItems', 0),
        maxLength: Math.min(number('maxItems', 4), number('minItems', 0) + 4),
      });
    case 'object':
      return objectOf(schema, at);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function stringOf(schema: Schema): fc.Arbitrary<unknown> {
  if (typeof schema.pattern === 'string') return fc.stringMatching(new RegExp(schema.pattern));
  if (schema.format === 'uri') return fc.webUrl();
  if (schema.format === 'date-time') return dateTime;
  const minLength = (schema.minLength ?? 0) as number;
  return fc.string({
    minLength,
    maxLength: (schema.maxLength ?? minLength + 12) as number,
    unit: 'grapheme',
  });
}

const dateTime: fc.Arbitrary<string> = fc
  .tuple(
    fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
    fc.stringMatching(/^(?:\.\d{1,9})?$/),
    fc.constantFrom('Z', '+01:00', '-11:30'),
  )
  .map(([date, fraction, zone]) => date.toISOString().slice(0, 19) + fraction + zone);

function objectOf(schema: Schema, at: (inner: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const known = (schema.properties ?? {}) as Schema;
  const members = Object.entries(known).map(([name, inner]): [string, fc.Arbitrary<unknown>] => [
    name,
    at(inner),
  ]);
  const requiredKeys = ((schema.required ?? []) as string[]).filter((name) => Object.hasOwn(known, name));
  const record = fc.record<Record<string, unknown>>(Object.fromEntries(members), {
    requiredKeys,
    noNullPrototype: true,
  });
  const free = Object.entries((schema.patternProperties ?? {}) as Schema).map(([form, inner]) =>
    fc.dictionary(fc.stringMatching(new RegExp(form)), at(inner), { maxKeys: 4, noNullPrototype: true }),
  );
  const more = schema.additionalProperties;
  if (isObject(more)) free.push(fc.dictionary(fc.string(), at(more), { maxKeys: 4, noNullPrototype: true }));
  // Members that the schema names come last, and so win.
  return fc
    .tuple(...free, record)
    .map((parts) => Object.fromEntries(parts.flatMap((part) => Object.entries(part))));
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

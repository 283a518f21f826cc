// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from 'node:path/posix';
import { readSchema } from '../../../../tools/test-support/vectors.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** One place of a document that a schema speaks of. */
export interface Place {
  /** As in `linux.namespaces[].type`. */
  readonly name: string;
  /** What the schema says of the value there, references followed, `allOf` as one. */
  readonly schema: Schema;
  /** Where in the schema files that is said. */
  readonly files: ReadonlySet<string>;
  /** The least document that the schema takes with this value there, or not at all for `undefined`. */
  readonly documentWith: (value: unknown) => unknown;
}

/** Every place of the documents of a schema, the root first. */
export function placesOf(folder: string, root: string): readonly Place[] {
  const places: Place[] = [];
  const seen = new Set<string>();
  walk('', { $ref: root }, root, (value) => value);
  return places;

  function walk(name: string, given: Schema, file: string, documentWith: Place['documentWith']): void {
    const { schema, files, from } = resolve(given, file, folder);
    places.push({ name, schema, files, documentWith });
    if (seen.has(name)) throw new Error(`the schema says of ${name} twice`);
    seen.add(name);
    const least = leastOf(schema, from, folder) as Schema;
    const members = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
    for (const [form, inner] of Object.entries((schema.patternProperties ?? {}) as Record<string, Schema>)) {
      if (form !== '.{1,}') throw new Error(`no name is known for ${form}`);
      members.push(['some.key', inner]);
    }
    if (typeof schema.additionalProperties === 'object') {
      members.push(['some.key', schema.additionalProperties as Schema]);
    }
    for (const [member, inner] of members) {
      walk(name === '' ? member : `${name}.${member}`, inner, from, (value) => {
        const { [member]: _, ...others } = least;
        return documentWith(value === undefined ? others : { ...others, [member]: value });
      });
    }
    if (typeof schema.items === 'object') {
      walk(`${name}[]`, schema.items as Schema, from, (value) =>
        documentWith(value === undefined ? [] : [value]),
      );
    }
  }
}

/** The schema that a reference means, with what `allOf` and an `anyOf` of one choice add. */
function resolve(
  given: Schema,
  file: string,
  folder: string,
): { schema: Schema; files: Set<string>; from: string } {
  let [schema, from] = [given, file];
  const files = new Set<string>();
  while (typeof schema.$ref === 'string') {
    const [other = '', fragment = ''] = schema.$ref.split('#');
    if (other !== '') from = join(dirname(from), other);
    let next: unknown = readSchema(join(folder, from));
    for (const part of fragment.split('/').filter((name) => name !== '')) {
      next = (next as Record<string, unknown>)[part];
    }
    schema = next as Schema;
    files.add(`${from}#${fragment}`);
  }
  for (const part of [...((schema.allOf ?? []) as Schema[]), ...((schema.anyOf ?? []) as Schema[])]) {
    const inner = resolve(part, from, folder);
    for (const name of inner.files) files.add(name);
    const properties = { ...(schema.properties as object), ...(inner.schema.properties as object) };
    const required = [
      ...((schema.required ?? []) as string[]),
      ...((inner.schema.required ?? []) as string[]),
    ];
    // The parts speak of each other's files only by references that name them.
    const whole = JSON.parse(JSON.stringify(inner.schema).replaceAll('"#/', `"${inner.from}#/`)) as Schema;
    schema = {
      ...schema,
      ...whole,
      ...(inner.schema.type === 'object' && { properties: absolute(properties, inner.from), required }),
    };
  }
  return { schema, files, from };
}

/** References within a file, as seen from another. */
function absolute(properties: object, file: string): object {
  return JSON.parse(JSON.stringify(properties).replaceAll('"#/', `"${file}#/`)) as object;
}

/** The smallest value that a schema takes. */
function leastOf(given: Schema, file: string, folder: string): unknown {
  const { schema, from } = resolve(given, file, folder);
  if (Array.isArray(schema.enum)) return schema.enum[0];
  switch (schema.type) {
    case 'string':
      return (
        { '^RLIMIT_[A-Z]+$': 'RLIMIT_CORE', '^[cbup]$': 'c', '^[1-9][0-9]*[KMG]B$': '2MB' }[
          String(schema.pattern)
        ] ?? '1.0.0'
      );
    case 'integer':
      return Math.max(0, Number(schema.minimum ?? 0));
    case 'boolean':
      return false;
    case 'array':
      return Array.from({ length: Number(schema.minItems ?? 0) }, () =>
        leastOf(schema.items as Schema, from, folder),
      );
    default: {
      const required = (schema.required ?? []) as string[];
      const properties = schema.properties as Record<string, Schema>;
      return Object.fromEntries(
        required.map((name) => [name, leastOf(properties[name] ?? {}, from, folder)]),
      );
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AnySchemaObject, ValidateFunction } from 'ajv';
import ajvDraft04 from 'ajv-draft-04';

/** Where the OCI's schemas and documents lie: beside the checkout, or where LADING_VECTORS says. */
export const vectorsFolder: string =
  process.env.LADING_VECTORS ?? join(import.meta.dirname, '../../../shared/vectors');

/** One of the OCI's JSON schemas as it stands; `path` as in `image-spec/schema/image-manifest-schema.json`. */
export function readSchema(path: string): AnySchemaObject {
  return JSON.parse(readFileSync(join(vectorsFolder, path), 'utf8')) as AnySchemaObject;
}

/** One of the OCI's JSON schemas, ready to check values; tells all faults of a value, not the first alone. */
export function compileSchema(path: string): ValidateFunction {
  const folder = dirname(path);
  const ajv = new ajvDraft04.default({ strict: false, allErrors: true, formats });
  for (const file of readdirSync(join(vectorsFolder, folder))) {
    // References between the files are by their names, which the files' own ids would turn elsewhere.
    ajv.addSchema({ ...(withoutIds(readSchema(join(folder, file))) as AnySchemaObject), id: file });
  }
  const validate = ajv.getSchema(basename(path));
  if (validate === undefined) throw new Error(`there is no schema ${path}`);
  return validate;
}

/** The formats that the schemas name; the OCI's own validator checks them too. */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(text) && isInstant(text),
  uri: (text) => /^[a-z][a-z\d+.-]*:/i.test(text) && !/%(?![\da-f]{2})|[^!#-;=?-Z[\]_a-z~]/i.test(text),
};

/** A time that survives the way through a Date; a leap second stands for the one before it. */
function isInstant(text: string): boolean {
  const [date = '', hour = '', minute = ''] = text.split(/[Tt:]/);
  const zone = /[+-](\d\d):(\d\d)$/.exec(text);
  const time = new Date(`${date}T${hour}:${minute}:00Z`);
  if (Number(hour) > 23 || Number(zone?.[1] ?? 0) > 23 || Number(zone?.[2] ?? 0) > 59) return false;
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(`${date}T`);
}

/** Drops the keyword `id`, not members that are called so. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, member]) => name !== 'id' || typeof member !== 'string');
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutIds(member)]));
}

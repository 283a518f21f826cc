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
  const ajv = new ajvDraft04.default({ strict: false, validateFormats: false, allErrors: true });
  for (const file of readdirSync(join(vectorsFolder, folder))) {
    // References between the files are by their names, which the files' own ids would turn elsewhere.
    ajv.addSchema({ ...(withoutIds(readSchema(join(folder, file))) as AnySchemaObject), id: file });
  }
  const validate = ajv.getSchema(basename(path));
  if (validate === undefined) throw new Error(`there is no schema ${path}`);
  return validate;
}

/** Drops the keyword `id`, not members that are called so. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, member]) => name !== 'id' || typeof member !== 'string');
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutIds(member)]));
}

// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { LadingError } from '@lading/errors';
import { ifThere } from '../paths.ts';
import type { RecordFormat } from '../record-json.ts';
import { type Fault, newFault, shown } from './fault.ts';
import { objectsIn } from './objects-in.ts';

/** What can be read of a file of records, however broken it is. */
export interface RecordFile<R> {
  readonly path: string;
  readonly state: 'missing' | 'empty' | 'read' | 'broken';
  readonly records: readonly R[];
  /** Records of which a part is not what the format says, without that part. */
  readonly salvaged: readonly R[];
  readonly faults: readonly Fault[];
}

/**
 * Reads a file of records. What is wrong with it becomes faults, and the records that are whole are kept.
 *
 * @param path undefined for a file that this store has no use for
 */
export function readRecordFile<R extends { readonly id: string }>(
  path: string | undefined,
  format: RecordFormat<R>,
): RecordFile<R> {
  if (path === undefined) return { path: '', state: 'missing', records: [], salvaged: [], faults: [] };
  const text = ifThere(() => readFileSync(path, 'utf8'));
  if (text === undefined) return { path, state: 'missing', records: [], salvaged: [], faults: [] };
  if (text.trim() === '') return { path, state: 'empty', records: [], salvaged: [], faults: [] };
  const faults: Fault[] = [];
  let values: unknown;
  let state: RecordFile<R>['state'] = 'read';
  try {
    values = JSON.parse(text) ?? [];
  } catch (error) {
    faults.push(newFault('records-unreadable', { path }, shown(LadingError.from(error).message)));
    values = objectsIn(text);
    state = 'broken';
  }
  if (!Array.isArray(values)) {
    faults.push(newFault('records-unreadable', { path }, 'not a list'));
    return { path, state: 'broken', records: [], salvaged: [], faults };
  }
  const records = new Map<string, R>();
  const salvaged: R[] = [];
  for (const [index, value] of values.entries()) {
    try {
      const record = format.decode(value, `[${index}]`);
      if (!records.has(record.id)) records.set(record.id, record);
      else faults.push(newFault('record-twice', { path }, record.id));
    } catch (error) {
      const { message } = LadingError.from(error);
      faults.push(newFault('record-invalid', { path }, message.split(';')[0]));
      state = 'broken';
      const rest = salvage(value, format);
      if (rest !== undefined) salvaged.push(rest);
    }
  }
  return { path, state, records: [...records.values()], salvaged, faults };
}

/** A record with as many of its members as the format takes. */
function salvage<R>(value: unknown, format: RecordFormat<R>): R | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  const isNeeded = ([name]: [string, unknown]): boolean => name === 'id' || name === 'layer';
  let good: Record<string, unknown> = Object.fromEntries(entries.filter(isNeeded));
  for (const [name, member] of entries) {
    const more = { ...good, [name]: member };
    if (decoded(more, format) !== undefined) good = more;
  }
  return decoded(good, format);
}

function decoded<R>(value: unknown, format: RecordFormat<R>): R | undefined {
  try {
    return format.decode(value, '');
  } catch {
    return undefined;
  }
}

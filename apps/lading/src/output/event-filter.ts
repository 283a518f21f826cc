// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { splitPair } from '../options/key-value.ts';
import type { EventRow } from './event-row.ts';

type Test = (row: EventRow, value: string) => boolean;

/** An object by its name or the beginning of its id. */
const isOne =
  (type: string): Test =>
  ({ Type, ID, Name }, value) =>
    Type === type && (Name === value || (ID !== '' && ID.startsWith(value)));

const tests: Readonly<Record<string, Test>> = {
  container: isOne('container'),
  event: ({ Status }, value) => Status === value,
  image: ({ Type, ID, Name, Image }, value) =>
    Type === 'image' ? ID.startsWith(value) || Name.includes(value) : Image.includes(value),
  label({ Attributes }, text) {
    const [key, value] = splitPair(text);
    const own = Attributes.get(key);
    return own !== undefined && (value === undefined || own === value);
  },
  pod: isOne('pod'),
  type: ({ Type }, value) => Type === value,
  volume: isOne('volume'),
};

/** Of filters with one key any counts, of several keys all. @throws usage errors for what is no filter */
export function readEventFilters(filters: readonly string[]): (row: EventRow) => boolean {
  const wanted = new Map<string, string[]>();
  for (const filter of filters) {
    const [key, value] = splitPair(filter);
    const name = key.toLowerCase();
    if (value === undefined) throw usageError(`${quote(filter)} is an invalid filter: use KEY=VALUE`);
    if (!Object.hasOwn(tests, name)) {
      throw usageError(`${quote(key)} is an invalid filter: use ${Object.keys(tests).join(', ')}`);
    }
    wanted.set(name, [...(wanted.get(name) ?? []), value]);
  }
  return (row) => [...wanted].every(([name, values]) => values.some((value) => tests[name]?.(row, value)));
}

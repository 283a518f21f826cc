// SPDX-License-Identifier: Apache-2.0
import { isNear } from '@lading/go-template';

/** A key of a file that has no effect. */
export interface UnknownKey {
  readonly key: string;
  /** Undefined where the text does not show it by itself. */
  readonly line: number | undefined;
  /** A key that may have been meant. */
  readonly nearest: string | undefined;
}

/** @param known all keys that have an effect */
export function describeUnknown(
  keys: readonly string[],
  text: string,
  known: readonly string[],
): readonly UnknownKey[] {
  const lines = linesOfKeys(text);
  return keys.map((key) => ({ key, line: lines.get(key), nearest: nearestKey(key, known) }));
}

/** The same name in another table, or one of the same table that is a slip or two away. */
function nearestKey(key: string, known: readonly string[]): string | undefined {
  const [table, name] = split(key);
  const moved = known.filter((one) => split(one)[1] === name);
  if (moved.length > 0) return moved[0];
  return known.find((one) => {
    const [itsTable, itsName] = split(one);
    return table === itsTable && isNear(name, itsName);
  });
}

function split(key: string): [table: string, name: string] {
  const dot = key.lastIndexOf('.');
  return [key.slice(0, Math.max(dot, 0)), key.slice(dot + 1)];
}

/** The parser of TOML tells no places. Keys in inline tables and those that are quoted are not found. */
function linesOfKeys(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  let table = '';
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[\s*([\w.-]+)\s*\]/.exec(line)?.[1];
    const key = /^\s*([\w.-]+)\s*=/.exec(line)?.[1];
    if (header !== undefined) table = `${header}.`;
    else if (key !== undefined && !found.has(table + key)) found.set(table + key, index + 1);
  }
  return found;
}

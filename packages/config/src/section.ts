// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isRecord, shown } from './text.ts';
import type { TomlFile } from './toml.ts';
import type { ConfigWarning } from './warning.ts';

/**
 * Reads one table of a file by the types that are expected. A wrong type is an error; a key that nobody asked
 * for becomes a warning in `end()`, so that a slip of the pen does not go unnoticed.
 */
export interface Section {
  string(key: string): string | undefined;
  boolean(key: string): boolean | undefined;
  /** A whole number that is not negative. */
  count(key: string): number | undefined;
  strings(key: string): readonly string[] | undefined;
  /** A list in which tables stand for what is to be done with it. */
  stringsOrTables(key: string): readonly (string | Readonly<Record<string, unknown>>)[] | undefined;
  section(key: string): Section | undefined;
  /** An array of tables, `[[key]]`. */
  sections(key: string): readonly Section[];
  /** A table with free keys and strings as values. */
  stringMap(key: string): ReadonlyMap<string, string>;
  has(key: string): boolean;
  /** Keys that are known and not used here. */
  ignore(...keys: readonly string[]): void;
  /** An InvalidArgument that names the file and the key. */
  fault(key: string, message: string): LadingError;
  end(): void;
}

export function openSection(file: TomlFile, warnings: ConfigWarning[]): Section {
  return createSection(file.file, '', file.table, warnings);
}

function createSection(
  file: string,
  path: string,
  table: Readonly<Record<string, unknown>>,
  warnings: ConfigWarning[],
): Section {
  const known = new Set<string>();
  const inner: Section[] = [];
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);

  function fault(key: string, message: string): LadingError {
    return new LadingError(Code.InvalidArgument, `${file}: ${at(key)}: ${message}`, {
      reason: 'CONFIG_INVALID',
      details: { file, key: at(key) },
    });
  }

  function value<T>(key: string, expected: string, test: (value: unknown) => value is T): T | undefined {
    known.add(key);
    // Only what stands in the file: `constructor` and `__proto__` are keys like any other.
    const found: unknown = Object.hasOwn(table, key) ? table[key] : undefined;
    if (found === undefined) return undefined;
    if (!test(found)) throw fault(key, `expected ${expected}`);
    return found;
  }

  function open(key: string, content: Readonly<Record<string, unknown>>): Section {
    const section = createSection(file, at(key), content, warnings);
    inner.push(section);
    return section;
  }

  return {
    string: (key) => value(key, 'a string', (v) => typeof v === 'string'),
    boolean: (key) => value(key, 'true or false', (v) => typeof v === 'boolean'),
    count: (key) => value(key, 'a whole number that is not negative', isCount),
    strings: (key) => value(key, 'a list of strings', isStrings),
    stringsOrTables: (key) => value(key, 'a list of strings', isStringsOrTables),
    section(key) {
      const content = value(key, `a table, [${at(key)}]`, isRecord);
      return content === undefined ? undefined : open(key, content);
    },
    sections(key) {
      const contents = value(key, `tables, [[${at(key)}]]`, isRecords) ?? [];
      return contents.map((content, i) => open(`${key}[${i}]`, content));
    },
    stringMap(key) {
      const content = value(key, `a table of strings, [${at(key)}]`, isStringRecord) ?? {};
      return new Map(Object.entries(content));
    },
    has: (key) => Object.hasOwn(table, key),
    ignore(...keys) {
      for (const key of keys) known.add(key);
    },
    fault,
    end() {
      for (const key of Object.keys(table)) {
        if (!known.has(key)) warnings.push({ file, message: `unknown key ${shown(at(key))}` });
      }
      for (const section of inner) section.end();
    },
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isStringsOrTables(value: unknown): value is readonly (string | Readonly<Record<string, unknown>>)[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' || isRecord(item));
}

function isRecords(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every(isRecord);
}

function isStringRecord(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((item) => typeof item === 'string');
}

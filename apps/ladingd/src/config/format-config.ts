// SPDX-License-Identifier: Apache-2.0
import { stringify } from 'smol-toml';
import { options, runtimeFields } from './parse-config.ts';
import type { Settings } from './settings.ts';

type Table = { [key: string]: unknown };

/** Settings as a configuration file has them. What is not set is not there: its default is in force. */
export function formatConfig(settings: Settings): string {
  const root: Table = {};
  for (const [path, [name]] of Object.entries(options)) {
    const value = settings[name];
    if (value !== undefined) put(root, path.split('.'), value);
  }
  const fields = Object.entries(runtimeFields).map(
    ([field, [setting]]) => [field, settings[setting]] as const,
  );
  for (const [field, values = {}] of [
    ...fields,
    ['default_annotations', settings.defaultAnnotations] as const,
  ]) {
    for (const [name, value] of Object.entries<unknown>(values))
      put(root, ['crio', 'runtime', 'runtimes', name, field], value);
  }
  return stringify(root);
}

function put(root: Table, path: readonly string[], value: unknown): void {
  const [last = '', ...tables] = path.toReversed();
  let table = root;
  for (const name of tables.toReversed()) {
    const next = table[name];
    const inner = isTable(next) ? next : {};
    table[name] = inner;
    table = inner;
  }
  table[last] = value;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

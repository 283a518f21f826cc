// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeJson } from '../state/atomic-file.ts';
import { namesIn } from '../state/names-in.ts';
import type { RuntimeModuleOptions } from '../types/runtime-handler.ts';

/** What the handler of a runtime is made from. */
export interface RuntimeDefinition {
  /** Program or module. */
  readonly path: string;
  readonly options: RuntimeModuleOptions;
}

/**
 * Notes of how runtimes were last defined, in a folder that a reboot empties, as it does theirs: what was made with one
 * that the configuration does not have any more is still there.
 */
export interface KeptDefinitions {
  keep(definitions: readonly RuntimeDefinition[]): Promise<void>;
  /** Those of all other names. */
  except(names: ReadonlySet<string>): Promise<readonly RuntimeDefinition[]>;
}

const ending = '.json';

export function openKeptDefinitions(folder: string): KeptDefinitions {
  return {
    async keep(definitions) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const definition of definitions) {
        const path = join(folder, fileOf(definition.options.name));
        const before = JSON.stringify(await readJson(path));
        if (before !== JSON.stringify(definition)) await writeJson(path, definition);
      }
    },
    async except(names) {
      const files = new Set([...names].map(fileOf));
      const others = (await namesIn(folder)).filter((name) => name.endsWith(ending) && !files.has(name));
      const found = await Promise.all(others.map((name) => readJson(join(folder, name))));
      return found.filter(isDefinition);
    },
  };
}

/** A name may be anything, a slash too. */
function fileOf(name: string): string {
  return `${encodeURIComponent(name)}${ending}`;
}

function isDefinition(value: unknown): value is RuntimeDefinition {
  if (typeof value !== 'object' || value === null || !('path' in value && 'options' in value)) return false;
  const { path, options } = value;
  return typeof path === 'string' && typeof options === 'object' && options !== null && 'name' in options;
}

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import type { RuntimeChoice, RuntimeDefinitions } from '../types/engine.ts';
import type { RuntimeHandler } from '../types/runtime-handler.ts';
import { openKeptDefinitions, type RuntimeDefinition } from './kept-definitions.ts';
import { loadRuntime } from './load-runtime.ts';

export interface RuntimeLoader {
  /** Makes handlers; one that is defined as it was the last time is the same again. */
  load(definitions: RuntimeDefinitions): Promise<Required<Pick<RuntimeChoice, 'runtimes' | 'former'>>>;
  /** Notes what was loaded last, for when it is not defined any more. */
  keep(): Promise<void>;
}

interface Loaded {
  readonly definition: RuntimeDefinition;
  readonly handler: RuntimeHandler;
}

export function createRuntimeLoader(runDir: string): RuntimeLoader {
  const notes = openKeptDefinitions(join(runDir, 'runtimes'));
  let last: readonly Loaded[] = [];

  async function loaded(definition: RuntimeDefinition): Promise<Loaded> {
    const key = JSON.stringify(definition);
    const same = last.find((one) => JSON.stringify(one.definition) === key);
    return same ?? { definition, handler: await loadRuntime(definition.path, definition.options) };
  }

  /** Nothing when it cannot be loaded any more. */
  async function stillLoaded(definition: RuntimeDefinition): Promise<readonly Loaded[]> {
    try {
      return [await loaded(definition)];
    } catch (error) {
      if (error instanceof LadingError && error.reason === 'RUNTIME_UNKNOWN') return [];
      throw error;
    }
  }

  return {
    async load(definitions) {
      const wanted = definitionsOf(definitions, runDir);
      const names = new Set(wanted.map(({ options }) => options.name));
      const next = await Promise.all(wanted.map(loaded));
      const others = await Promise.all((await notes.except(names)).map(stillLoaded));
      last = next;
      return { runtimes: byName(next), former: byName(others.flat()) };
    },
    keep: () => notes.keep(last.map(({ definition }) => definition)),
  };
}

function definitionsOf(
  { runtimes = { runc: 'runc' }, runtimeRoots, conmonPath, monitorPaths, ...more }: RuntimeDefinitions,
  runDir: string,
): readonly RuntimeDefinition[] {
  return Object.entries(runtimes).map(([name, path]) => ({
    path,
    options: {
      name,
      root: runtimeRoots?.[name] ?? join(runDir, 'runtime', name),
      exitDir: join(runDir, 'exits'),
      conmonPath: monitorPaths?.[name] ?? conmonPath,
      monitorEnv: more.monitorEnvs?.[name],
      timeoutMs: more.runtimeTimeoutsMs?.[name],
    },
  }));
}

function byName(all: readonly Loaded[]): Readonly<Record<string, RuntimeHandler>> {
  return Object.fromEntries(all.map(({ definition, handler }) => [definition.options.name, handler]));
}

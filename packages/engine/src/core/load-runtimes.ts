// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { RuntimeDefinitions } from '../types/engine.ts';
import type { RuntimeHandler } from '../types/runtime-handler.ts';
import { loadRuntime } from './load-runtime.ts';

/** Makes handlers; one that is defined as it was the last time is the same again. */
export function createRuntimeLoader(
  runDir: string,
): (definitions: RuntimeDefinitions) => Promise<Readonly<Record<string, RuntimeHandler>>> {
  let known: ReadonlyMap<string, RuntimeHandler> = new Map();
  return async (definitions) => {
    const { runtimes = { runc: 'runc' }, runtimeRoots, conmonPath: common, monitorPaths } = definitions;
    const loading = Object.entries(runtimes).map(async ([name, path]) => {
      const options = {
        name,
        root: runtimeRoots?.[name] ?? join(runDir, 'runtime', name),
        exitDir: join(runDir, 'exits'),
        conmonPath: monitorPaths?.[name] ?? common,
        monitorEnv: definitions.monitorEnvs?.[name],
        timeoutMs: definitions.runtimeTimeoutsMs?.[name],
      };
      const key = JSON.stringify([path, options]);
      return { name, key, handler: known.get(key) ?? (await loadRuntime(path, options)) };
    });
    const loaded = await Promise.all(loading);
    known = new Map(loaded.map(({ key, handler }) => [key, handler]));
    return Object.fromEntries(loaded.map(({ name, handler }) => [name, handler]));
  };
}

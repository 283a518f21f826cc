// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreOptions } from '@lading/storage';
import { cniNetwork } from '../network/cni-network.ts';
import type { Engine, OpenEngineOptions } from '../types/engine.ts';
import type { RuntimeHandler } from '../types/runtime-handler.ts';
import { createEngine } from './create-engine.ts';
import { loadRuntime } from './load-runtime.ts';

/** An engine of the usual parts: the containers/storage store, runc with conmon, CNI. */
export async function openEngine(options: OpenEngineOptions = {}): Promise<Engine> {
  // Loaded here and side by side, so that a program that only imports types or one call does not pay for them.
  const [wanted, { openStore }] = await Promise.all([configuredStore(options), import('@lading/storage')]);
  const runDir = join(wanted.runRoot, 'lading');
  const runtimes = await loadRuntimes(runDir, options);
  const store = await openStore(wanted);
  // The first engine of this boot: in a transient store nobody knows what containers of the last one have left.
  if (wanted.transientStore === true && !existsSync(runDir)) await store.collectGarbage();
  const engine = await createEngine({
    store,
    runDir,
    runtimes,
    network: cniNetwork({
      configDir: options.networkConfigDir ?? '/etc/cni/net.d',
      ...(options.networkPluginDirs && { pluginDirs: options.networkPluginDirs }),
      ...(options.defaultNetwork !== undefined && { defaultNetwork: options.defaultNetwork }),
      ...(options.networkBuiltIn !== undefined && { builtIn: options.networkBuiltIn }),
      cacheDir: join(runDir, 'cni'),
    }),
    ...(options.defaultRuntime !== undefined && { defaultRuntime: options.defaultRuntime }),
    ...(options.registry && { registry: options.registry }),
    ...(options.exitCommand && { exitCommand: options.exitCommand }),
    ...(options.healthCommand && { healthCommand: options.healthCommand }),
    ...(options.cgroupParent !== undefined && { cgroupParent: options.cgroupParent }),
    ...(options.cdiSpecDirs && { cdiSpecDirs: options.cdiSpecDirs }),
    ...(options.hooksDirs && { hooksDirs: options.hooksDirs }),
    ...(options.monitorsInPods && { monitorsInPods: options.monitorsInPods }),
  });
  const close = async (): Promise<void> => {
    await engine.close();
    await store.close();
  };
  return { ...engine, close, [Symbol.asyncDispose]: close };
}

async function loadRuntimes(
  runDir: string,
  options: OpenEngineOptions,
): Promise<Record<string, RuntimeHandler>> {
  const { runtimes = { runc: 'runc' }, runtimeRoots, conmonPath: common, monitorPaths } = options;
  const loading = Object.entries(runtimes).map(async ([name, path]) => {
    const root = runtimeRoots?.[name] ?? join(runDir, 'runtime', name);
    const folders = { root, exitDir: join(runDir, 'exits') };
    const conmonPath = monitorPaths?.[name] ?? common;
    return [
      name,
      await loadRuntime(path, {
        name,
        ...folders,
        conmonPath,
        monitorEnv: options.monitorEnvs?.[name],
        timeoutMs: options.runtimeTimeoutsMs?.[name],
      }),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(loading));
}

async function configuredStore(options: OpenEngineOptions): Promise<StoreOptions> {
  const { graphRoot, runRoot, imageStore } = options;
  // A store that is named with both roots has nothing to do with the usual one.
  if (graphRoot !== undefined && runRoot !== undefined) return { graphRoot, runRoot, imageStore };
  const [{ loadStorage }, { storeOptions }] = await Promise.all([
    import('@lading/config'),
    import('@lading/storage'),
  ]);
  return storeOptions(await loadStorage(), { graphRoot, runRoot, imageStore });
}

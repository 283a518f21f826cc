// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreOptions } from '@lading/storage';
import { cniNetwork } from '../network/cni-network.ts';
import type { OpenEngineOptions, OpenedEngine } from '../types/engine.ts';
import { createEngine } from './create-engine.ts';
import { createRuntimeLoader } from './load-runtimes.ts';

/** An engine of the usual parts: the containers/storage store, runc with conmon, CNI. */
export async function openEngine(options: OpenEngineOptions = {}): Promise<OpenedEngine> {
  // Loaded here and side by side, so that a program that only imports types or one call does not pay for them.
  const [wanted, { openStore }] = await Promise.all([configuredStore(options), import('@lading/storage')]);
  const runDir = join(wanted.runRoot, 'lading');
  const loader = createRuntimeLoader(runDir);
  const loaded = await loader.load(options);
  const store = await openStore(wanted);
  // The first engine of this boot: in a transient store nobody knows what containers of the last one have left.
  if (wanted.transientStore === true && !existsSync(runDir)) await store.collectGarbage();
  const engine = await createEngine({
    store,
    runDir,
    ...loaded,
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
  await loader.keep();
  const close = async (): Promise<void> => {
    await engine.close();
    await store.close();
  };
  return {
    ...engine,
    get runtimes() {
      return engine.runtimes;
    },
    async loadRuntimes(definitions) {
      const { defaultRuntime, monitorsInPods } = definitions;
      await engine.useRuntimes({
        ...(await loader.load(definitions)),
        ...(defaultRuntime !== undefined && { defaultRuntime }),
        ...(monitorsInPods && { monitorsInPods }),
      });
      await loader.keep();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
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

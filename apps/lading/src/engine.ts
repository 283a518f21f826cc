// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import type { Engine, OpenEngineOptions } from '@lading/engine';
import { onFullDisk } from './full-disk.ts';

/** Opens the engine that the global flags describe, for the time of `action`. */
export async function withEngine<T>(
  call: CommandCall,
  action: (engine: Engine) => Promise<T>,
  extra: OpenEngineOptions = {},
): Promise<T> {
  const { openEngine, openReserve } = await import('./open-engine.ts');
  await using engine = await openEngine({ ...engineOptions(call), ...extra });
  return await action(onFullDisk(engine, await openReserve(engine.store)));
}

function engineOptions(call: CommandCall): OpenEngineOptions {
  const { flags } = call;
  const path = (name: string): string | undefined => flags.string(name) || undefined;
  const graphRoot = path('root');
  const runRoot = path('runroot');
  const imageStore = path('imagestore');
  const conmonPath = path('conmon');
  const networkConfigDir = path('network-config-dir');
  const runtime = runtimeOf(call) ?? 'runc';
  const name = runtime.slice(runtime.lastIndexOf('/') + 1);
  return {
    ...(graphRoot === undefined ? {} : { graphRoot }),
    ...(runRoot === undefined ? {} : { runRoot }),
    ...(imageStore === undefined ? {} : { imageStore }),
    ...(conmonPath === undefined ? {} : { conmonPath }),
    ...(networkConfigDir === undefined ? {} : { networkConfigDir }),
    runtimes: { [name]: runtime },
    defaultRuntime: name,
    exitCommand: ownCommand(call, 'container', 'cleanup', '{id}'),
    healthCommand: ownCommand(call, 'healthcheck', 'run', '{id}'),
  };
}

/** What others run for a container: this program, with the same roots, whatever its environment is. */
function ownCommand(call: CommandCall, ...words: readonly string[]): readonly string[] {
  const { flags, environment } = call;
  if (environment.self === undefined) return [];
  const same = ['root', 'runroot', 'imagestore', 'runtime', 'conmon', 'network-config-dir'].flatMap(
    (name) => {
      const value = name === 'runtime' ? runtimeOf(call) : flags.string(name);
      return value === undefined || value === '' ? [] : [`--${name}`, value];
    },
  );
  return [...environment.self, ...same, ...words];
}

/** A path that does not depend on where a program is started, as conmon starts ours somewhere else. */
function runtimeOf({ flags, environment }: CommandCall): string | undefined {
  const runtime = flags.string('runtime') || undefined;
  return runtime?.includes('/') ? resolve(environment.cwd, runtime) : runtime;
}

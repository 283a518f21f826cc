// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine, OpenEngineOptions } from '@lading/engine';

/** Opens the engine that the global flags describe, for the time of `action`. */
export async function withEngine<T>(
  call: CommandCall,
  action: (engine: Engine) => Promise<T>,
  extra: OpenEngineOptions = {},
): Promise<T> {
  const { openEngine } = await import('@lading/engine');
  await using engine = await openEngine({ ...engineOptions(call), ...extra });
  return await action(engine);
}

function engineOptions(call: CommandCall): OpenEngineOptions {
  const { flags } = call;
  const path = (name: string): string | undefined => flags.string(name) || undefined;
  const graphRoot = path('root');
  const runRoot = path('runroot');
  const imageStore = path('imagestore');
  const conmonPath = path('conmon');
  const networkConfigDir = path('network-config-dir');
  const runtime = path('runtime') ?? 'runc';
  const name = runtime.slice(runtime.lastIndexOf('/') + 1);
  return {
    ...(graphRoot === undefined ? {} : { graphRoot }),
    ...(runRoot === undefined ? {} : { runRoot }),
    ...(imageStore === undefined ? {} : { imageStore }),
    ...(conmonPath === undefined ? {} : { conmonPath }),
    ...(networkConfigDir === undefined ? {} : { networkConfigDir }),
    runtimes: { [name]: runtime },
    defaultRuntime: name,
    exitCommand: exitCommand(call),
  };
}

/** What conmon runs when a container has ended: this program, with the same roots, whatever its environment is. */
function exitCommand({ flags, environment }: CommandCall): readonly string[] {
  if (environment.self === undefined) return [];
  const same = ['root', 'runroot', 'imagestore', 'runtime', 'conmon', 'network-config-dir'].flatMap(
    (name) => {
      const value = flags.string(name);
      return value === undefined || value === '' ? [] : [`--${name}`, value];
    },
  );
  return [...environment.self, ...same, 'container', 'cleanup', '{id}'];
}

// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions, ResourceLimits } from '@lading/engine';
import { copyName, copyOf } from '../container/copy-of.ts';
import { withEngine } from '../engine.ts';
import { readBlockFlags } from '../options/block-io.ts';
import { readLimitFlags, readRareLimits, withSwap } from '../options/limits.ts';
import { withSharedFlags } from '../options/shared-flags.ts';
import { isRunning } from '../output/names.ts';
import { pullImage } from '../output/pull-image.ts';

export async function run(given: CommandCall): Promise<number> {
  const call = withSharedFlags(given);
  const { args, environment, flags } = call;
  const [source = '', second, image] = args;
  const force = flags.boolean('force');
  const destroy = flags.boolean('destroy');
  if (force && !destroy) throw usageError('cannot set --force without --destroy: invalid argument');
  const limits = await readLimits(call);
  const { signal } = environment;
  return withEngine(call, async (engine) => {
    const { containers } = engine;
    const original = await containers.inspect(source);
    const name = second ?? (flags.string('name') || (await copyName(engine, original.name)));
    if (destroy && !force && isRunning(original)) {
      throw usageError(
        `cannot remove container ${original.id} as it is ${original.status} - running or paused containers cannot be removed without force: container state improper`,
      );
    }
    let options = await copyOf(engine, original, name);
    options = { ...options, resources: { ...options.resources, ...limits } };
    if (image !== undefined)
      options = { ...options, image: (await pullImage(call, engine, image, 'missing')).id };
    const pod = flags.string('pod') || undefined;
    if (pod !== undefined) options = onNetworkOf(options, (await engine.pods.start(pod, { signal })).id);
    const { id } = await containers.create(options, { signal });
    if (destroy) {
      try {
        await containers.remove(original.id, { force, dependents: 'refuse', timeoutMs: 10_000, signal });
      } catch (error) {
        await containers.remove(id, { force: true });
        throw error;
      }
    }
    if (flags.boolean('run')) {
      if (options.pod !== undefined) await engine.pods.start(options.pod, { signal });
      await containers.start(id, { signal });
    }
    await environment.stdout(`${id}\n`);
    return 0;
  });
}

async function readLimits({ flags }: CommandCall): Promise<ResourceLimits> {
  return { ...(await withSwap(readLimitFlags(flags))), ...readBlockFlags(flags), ...readRareLimits(flags) };
}

/** A pod settles the network of its containers. */
function onNetworkOf(options: ContainerOptions, pod: string): ContainerOptions {
  const { network: _network, networks: _networks, portMappings: _ports, ...rest } = options;
  return { ...rest, pod };
}

// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions, Engine, PullPolicy } from '@lading/engine';
import { readContainerOptions } from '../options/container-options.ts';
import { parsePullPolicy } from '../options/pull-options.ts';
import { pullImage } from '../output/pull-image.ts';
import { type CidFile, openCidFile } from './cid-file.ts';
import { ensureDefaultNetwork } from './default-network.ts';
import { inPod } from './in-pod.ts';

/** What the command line asks for, read and checked before anything is opened or made. */
export interface CreateRequest {
  readonly options: ContainerOptions;
  readonly policy: PullPolicy;
  readonly cidFile: CidFile;
}

/** Reads the flags and words of `create` and `run`. */
export async function readCreateRequest(call: CommandCall): Promise<CreateRequest> {
  const { flags, environment } = call;
  const policy = parsePullPolicy(flags.string('pull') ?? 'missing');
  const options = await readContainerOptions(call);
  if (flags.boolean('replace') && options.name === undefined) {
    throw usageError('cannot replace container without --name being set');
  }
  return { options, policy, cidFile: await openCidFile(flags.string('cidfile'), environment.cwd) };
}

/** Pulls the image, makes the default network when there is none, and room for the name with `--replace`. */
export async function prepareContainer(
  call: CommandCall,
  engine: Engine,
  { options: wanted, policy }: CreateRequest,
): Promise<ContainerOptions> {
  const image = await pullImage(call, engine, wanted.image, policy);
  // With a platform of its own the name may lead elsewhere later: the id is what was meant.
  const found: ContainerOptions = {
    ...wanted,
    ...((await engine.images.find(wanted.image)) === undefined && { image: image.id }),
    labels: { ...image.labels, ...wanted.labels },
  };
  const options = await withVolumesFrom(call, engine, found);
  if (call.flags.boolean('replace') && options.name !== undefined) {
    await engine.containers.remove(options.name, { force: true, ignoreMissing: true });
  }
  const pod = call.flags.string('pod') || undefined;
  if (pod !== undefined) return inPod(call, engine, options, pod);
  const { network = 'default', networks = [{ name: network }] } = options;
  if (networks.some(({ name }) => name === 'default')) await ensureDefaultNetwork(call);
  return options;
}

async function withVolumesFrom(
  { flags }: CommandCall,
  engine: Engine,
  options: ContainerOptions,
): Promise<ContainerOptions> {
  const names = flags.strings('volumes-from');
  if (names.length === 0) return options;
  const { mountsFrom } = await import('../options/volumes-from.ts');
  return { ...options, mounts: await mountsFrom(engine, names, options.mounts ?? []) };
}

// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions, Engine, PullPolicy } from '@lading/engine';
import { transportIn } from '../images/transport-name.ts';
import { readAttach } from '../options/attached-streams.ts';
import { readContainerOptions } from '../options/container-options.ts';
import { publishAll, readExposed } from '../options/exposed-ports.ts';
import { mergeImageVariables } from '../options/host-variables.ts';
import { parsePullPolicy } from '../options/pull-options.ts';
import { withCreateCommand } from '../output/create-command.ts';
import { pullImage } from '../output/pull-image.ts';
import { type CidFile, openCidFile } from './cid-file.ts';
import { ensureDefaultNetwork } from './default-network.ts';
import { inPod, wantsDefaultNetwork } from './in-pod.ts';
import { withOtherContainers } from './other-containers.ts';
import { readPodIdFile } from './pod-id-file.ts';

/** What the command line asks for, read and checked before anything is opened or made. */
export interface CreateRequest {
  readonly options: ContainerOptions;
  readonly policy: PullPolicy;
  readonly cidFile: CidFile;
  readonly pod: string | undefined;
}

/** Reads the flags and words of `create` and `run`. */
export async function readCreateRequest(call: CommandCall): Promise<CreateRequest> {
  const { flags, environment } = call;
  const policy = parsePullPolicy(flags.string('pull') ?? 'missing');
  const options = await readContainerOptions(call);
  if (flags.boolean('replace') && options.name === undefined) {
    throw usageError('cannot replace container without --name being set');
  }
  readAttach(call.flags);
  const exposedPorts = readExposed(call);
  const pod = await readPod(call);
  return {
    options: {
      ...options,
      ...(exposedPorts.length > 0 && { exposedPorts }),
      ...withCreateCommand(call, shownOf(call)),
    },
    policy,
    pod,
    cidFile: await openCidFile(flags.string('cidfile'), environment.cwd),
  };
}

/** What has no effect on the container, and is told by `inspect` and `ps`. */
function shownOf({ flags, environment }: CommandCall): NonNullable<ContainerOptions['metadata']> {
  const cidFile = flags.string('cidfile') ?? '';
  const volumesFrom = flags.strings('volumes-from');
  return {
    ...(cidFile !== '' && { cidFile: resolve(environment.cwd, cidFile) }),
    ...(volumesFrom.length > 0 && { volumesFrom }),
    ...(flags.boolean('publish-all') && { publishAll: true }),
  };
}

/** Pulls the image, makes the default network when there is none, and room for the name with `--replace`. */
export async function prepareContainer(
  call: CommandCall,
  engine: Engine,
  { options: wanted, policy, pod }: CreateRequest,
): Promise<ContainerOptions> {
  const found = wanted.rootfs === undefined ? await withImage(call, engine, wanted, policy) : wanted;
  const options = await withOtherContainers(engine, await withVolumesFrom(call, engine, found));
  if (call.flags.boolean('replace') && options.name !== undefined) {
    await engine.containers.remove(options.name, {
      force: true,
      ignoreMissing: true,
      dependents: 'refuse',
    });
  }
  if (pod !== undefined) return inPod(call, engine, options, pod);
  if (wantsDefaultNetwork(options)) await ensureDefaultNetwork(call);
  return withoutUselessPorts(call, options);
}

/** Nothing leads to a port of a container that has no network of its own: saying so beats listing it as published. */
async function withoutUselessPorts(
  { environment }: CommandCall,
  options: ContainerOptions,
): Promise<ContainerOptions> {
  const { portMappings, ...rest } = options;
  const { network = 'default' } = options;
  if (portMappings === undefined || !/^(none|host|container:|ns:)/.test(network)) return options;
  await environment.stderr(
    `No port is published: a container with --network ${network} has no network of its own\n`,
  );
  return rest;
}

async function withImage(
  call: CommandCall,
  engine: Engine,
  wanted: ContainerOptions,
  policy: PullPolicy,
): Promise<ContainerOptions> {
  const image = await pullImage(call, engine, wanted.image, policy);
  // With a platform of its own the name may lead elsewhere later, and with a transport it is none: the id is what was meant.
  const isName =
    transportIn(wanted.image) === undefined && (await engine.images.find(wanted.image)) !== undefined;
  const found: ContainerOptions = {
    ...wanted,
    ...(!isName && { image: image.id }),
    labels: { ...image.labels, ...wanted.labels },
  };
  return withImageDetails(call, engine, found, image.id);
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

/** What hangs on the image: `--env-merge` and `--publish-all`. */
async function withImageDetails(
  call: CommandCall,
  engine: Engine,
  options: ContainerOptions,
  image: string,
): Promise<ContainerOptions> {
  const merges = call.flags.strings('env-merge');
  const publishes = call.flags.boolean('publish-all');
  if (merges.length === 0 && !publishes) return options;
  const { config: { Env = [], ExposedPorts = {} } = {} } = (await engine.images.inspect(image)).config;
  const exposed = [...Object.keys(ExposedPorts), ...(options.exposedPorts ?? [])];
  const portMappings = publishes ? await publishAll(exposed, options.portMappings ?? []) : [];
  return {
    ...options,
    env: { ...mergeImageVariables(Env, merges), ...options.env },
    ...(portMappings.length > 0 && { portMappings }),
  };
}

/** `--pod`, or the first line of `--pod-id-file`. */
async function readPod({ flags, environment }: CommandCall): Promise<string | undefined> {
  const pod = flags.string('pod') || undefined;
  const file = flags.string('pod-id-file') || undefined;
  if (file === undefined) return pod;
  if (pod !== undefined) throw usageError('--pod and --pod-id-file cannot be given together');
  return readPodIdFile(file, environment.cwd);
}

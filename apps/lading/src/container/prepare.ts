// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions, Engine } from '@lading/engine';
import { readContainerOptions } from '../options/container-options.ts';
import { parsePullPolicy } from '../options/pull-options.ts';
import { pullImage } from '../output/pull-image.ts';
import { type CidFile, openCidFile } from './cid-file.ts';
import { ensureDefaultNetwork } from './default-network.ts';

/** What `create` and `run` do before there is a container: read, check, pull, and make room for the name. */
export async function prepareContainer(
  call: CommandCall,
  engine: Engine,
): Promise<{ options: ContainerOptions; cidFile: CidFile }> {
  const { flags, environment } = call;
  const policy = parsePullPolicy(flags.string('pull') ?? 'missing');
  const wanted = await readContainerOptions(call);
  if (flags.boolean('replace') && wanted.name === undefined) {
    throw usageError('cannot replace container without --name being set');
  }
  const cidFile = await openCidFile(flags.string('cidfile'), environment.cwd);
  const image = await pullImage(call, engine, wanted.image, policy);
  // With a platform of its own the name may lead elsewhere later: the id is what was meant.
  const options =
    (await engine.images.find(wanted.image)) === undefined ? { ...wanted, image: image.id } : wanted;
  if (options.network === undefined || options.network === 'default') await ensureDefaultNetwork(call);
  if (flags.boolean('replace') && options.name !== undefined) {
    await engine.containers.remove(options.name, { force: true, ignoreMissing: true });
  }
  return { options, cidFile };
}

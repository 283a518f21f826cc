// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import type { PodOptions } from '@lading/engine';
import { openCidFile } from '../../container/cid-file.ts';
import { makePod } from '../../container/make-pod.ts';
import { withEngine } from '../../engine.ts';
import { readPodOptions } from '../../options/pod-options.ts';
import { withSharedFlags } from '../../options/shared-flags.ts';
import { withCreateCommand } from '../../output/create-command.ts';

export async function run(given: CommandCall): Promise<number> {
  const call = withSharedFlags(given);
  const { flags, environment } = call;
  const name = readName(call);
  const options = { ...withShareParent(call, await readPodOptions(call)), ...withCreateCommand(call) };
  const idFile = await openCidFile(flags.string('pod-id-file'), environment.cwd);
  return withEngine(call, async (engine) => {
    if (flags.boolean('replace') && name !== undefined) {
      await engine.pods.remove(name, { force: true, ignoreMissing: true });
    }
    const { id } = await makePod(call, engine, { ...options, ...(name !== undefined && { name }) });
    await idFile.write(id);
    await environment.stdout(`${id}\n`);
    return 0;
  });
}

function readName({ args, flags }: CommandCall): string | undefined {
  const [word] = args;
  const flag = flags.string('name') || undefined;
  if (word !== undefined && flag !== undefined) throw usageError('cannot name a pod twice');
  const name = word ?? flag;
  if (flags.boolean('replace') && name === undefined) {
    throw usageError('cannot replace pod without --name being set');
  }
  return name;
}

/** Without, the containers are where they would be without a pod, and no limits of the pod reach them. */
function withShareParent({ flags }: CommandCall, options: PodOptions): PodOptions {
  const { cgroupParent, resources = {}, ...rest } = options;
  const hasLimits = Object.keys(resources).length > 0;
  if (!flags.boolean('share-parent')) {
    if (!hasLimits) return rest;
    throw usageError('limits of a pod are those of its cgroup: leave them out, or --share-parent=false');
  }
  // podman gives a pod no control group without an infra container.
  if (flags.boolean('infra') || hasLimits) return options;
  return { ...rest, ...(cgroupParent !== undefined && { cgroupParent }) };
}

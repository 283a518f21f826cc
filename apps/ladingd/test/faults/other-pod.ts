// SPDX-License-Identifier: Apache-2.0
import { ContainerState, NamespaceMode } from '@lading/cri-api';
import type { Served, World } from '../world.ts';

/** Leads a pod of the host's network through all its life: what goes wrong elsewhere is nothing to it. */
export async function leadOtherPod({ runtime }: Served, world: World, name: string): Promise<void> {
  const host = { securityContext: { namespaceOptions: { network: NamespaceMode.NODE } } };
  const config = world.pod(name, { hostname: '', linux: host });
  const { podSandboxId } = await runtime.runPodSandbox({ config });
  const container = { metadata: { name: 'main' }, image: { image: world.image } };
  const { containerId } = await runtime.createContainer({ podSandboxId, config: container });
  await runtime.startContainer({ containerId });
  const { exitCode } = await runtime.execSync({ containerId, cmd: ['true'] });
  if (exitCode !== 0) throw new Error(`exec ended with ${exitCode}`);
  const listed = async (): Promise<readonly number[]> =>
    (await runtime.listContainers({})).containers.flatMap(({ id, state }) =>
      id === containerId ? state : [],
    );
  if ((await listed())[0] !== ContainerState.CONTAINER_RUNNING) throw new Error('it does not run');
  await runtime.stopContainer({ containerId });
  await runtime.removePodSandbox({ podSandboxId });
  if ((await listed()).length > 0) throw new Error('it is still listed');
}

/** Whether a promise has settled by now. */
export function watchSettled(work: Promise<unknown>): () => boolean {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  work.then(note, note);
  return () => settled;
}

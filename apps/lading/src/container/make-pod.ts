// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine, NamespaceChoice, PodInfo, PodOptions } from '@lading/engine';
import { mountsFrom } from '../options/volumes-from.ts';
import { ensureDefaultNetwork } from './default-network.ts';

/** Makes a pod, with what its flags say of other containers, and the default network when there is none. */
export async function makePod(
  call: CommandCall,
  engine: Engine,
  options: PodOptions,
  { start = true }: { readonly start?: boolean } = {},
): Promise<PodInfo> {
  const { containerDefaults, namespaces = {}, network = 'default', networks = [{ name: network }] } = options;
  const others = call.flags.strings('volumes-from');
  const mounts = await mountsFrom(engine, others, containerDefaults?.mounts ?? []);
  const { pid, uts } = namespaces;
  const found = {
    ...namespaces,
    ...(pid !== undefined && { pid: await withId(engine, pid) }),
    ...(uts !== undefined && { uts: await withId(engine, uts) }),
  };
  if (namespaces.net !== 'private' && networks.some(({ name }) => name === 'default')) {
    await ensureDefaultNetwork(call);
  }
  return engine.pods.run(
    { ...options, namespaces: found, containerDefaults: { ...containerDefaults, mounts } },
    { start, signal: call.environment.signal },
  );
}

/** A name may lead elsewhere later. */
async function withId({ containers }: Engine, choice: NamespaceChoice): Promise<NamespaceChoice> {
  if (!choice.startsWith('container:')) return choice;
  return `container:${(await containers.inspect(choice.slice('container:'.length))).id}`;
}

// SPDX-License-Identifier: Apache-2.0
import { type Engine, isMadeByLading } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';

type StoredContainer = Awaited<ReturnType<Engine['store']['containers']['list']>>[number];

/** Containers of the store that other tools have made, such as a builder. */
export async function externalContainers({
  containers,
  pods,
  store,
}: Engine): Promise<readonly StoredContainer[]> {
  const [stored, ours, ourPods] = await Promise.all([
    store.containers.list(),
    containers.list({ all: true }),
    pods.list(),
  ]);
  const own = new Set([...ours, ...ourPods].map(({ id }) => id));
  // One of ours without a record is just being made.
  return stored.filter(({ id, metadata }) => !own.has(id) && !isMadeByLading(metadata));
}

/** Removes a container of another tool, if there is one of this name or id; one that is mounted by force only. */
export async function removeExternal(engine: Engine, ref: string, force: boolean): Promise<boolean> {
  const { containers } = engine.store;
  const found = await containers.find(ref);
  if (found === undefined || !(await externalContainers(engine)).some(({ id }) => id === found.id))
    return false;
  if (!force && (await containers.mountpoint(found.id)) !== undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `container ${JSON.stringify(ref)} is mounted and cannot be removed without using force: container state improper`,
      { reason: 'CONTAINER_MOUNTED' },
    );
  }
  await containers.delete(found.id);
  return true;
}

// SPDX-License-Identifier: Apache-2.0
import type { Context } from '../core/context.ts';

/**
 * Removes the storage of a container or pod of ours that has no record, because the process that made it was
 * killed in between. Returns whether there was such a one; storage of other tools is never touched.
 */
export async function removeOrphan(context: Context, ref: string): Promise<boolean> {
  const found = await context.store.containers.find(ref);
  if (found === undefined || !isMadeByLading(found.metadata)) return false;
  // Held while one is being made: then it is no orphan.
  const result = await context.locks.tryHold(found.id, async () => {
    if (await isKnown(context, found.id)) return false;
    await context.store.containers.delete(found.id);
    for (const records of [context.containers, context.pods]) {
      for (const name of found.names) await records.clear(found.id, name);
    }
    await context.locks.forget(found.id);
    return true;
  });
  return result?.value ?? false;
}

/** Whether there is a container or a pod of this id. */
export async function isKnown(context: Context, id: string): Promise<boolean> {
  const found = await Promise.all([context.containers.get(id), context.pods.get(id)]);
  return found.some((record) => record !== undefined);
}

/** Whether Lading has made a container, by what the store keeps with it. */
export function isMadeByLading(metadata: string | undefined): boolean {
  try {
    const value: unknown = JSON.parse(metadata ?? '');
    return (
      typeof value === 'object' && value !== null && 'created-by' in value && value['created-by'] === 'lading'
    );
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

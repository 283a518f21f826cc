// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Context, readContainer } from '../core/context.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { startLocked } from './start.ts';
import { isAlive } from './status.ts';

/** Ids, since names may lead elsewhere later. @throws InvalidArgument for one that there is not */
export async function requiredIds(context: Context, names: readonly string[]): Promise<readonly string[]> {
  const ids = await Promise.all(
    names.map(async (name) => {
      try {
        return await context.containers.resolve(name);
      } catch (cause) {
        if (!hasCode(cause, Code.NotFound)) throw cause;
        throw new LadingError(
          Code.InvalidArgument,
          `${JSON.stringify(name)} is not a container, and cannot be required by one`,
          { cause },
        );
      }
    }),
  );
  return [...new Set(ids)];
}

/** Ids of the containers that require this one. */
export async function dependentsOf(context: Context, id: string): Promise<readonly string[]> {
  const all = await context.containers.list();
  return all.filter(({ options }) => options.requires?.includes(id)).map((record) => record.id);
}

/**
 * Starts what a container needs and does not run. Only containers that were there before can be required: the locks are
 * always taken from the younger to the older, and nobody waits in a ring.
 */
export async function startRequired(
  context: Context,
  { name, options }: ContainerRecord,
  start: typeof startLocked,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const id of options.requires ?? []) {
    if ((await context.containers.get(id)) === undefined) {
      throw new LadingError(
        Code.FailedPrecondition,
        `container ${name} cannot start: it requires container ${id.slice(0, 12)}, which was removed`,
        { reason: 'REQUIRED_CONTAINER_MISSING' },
      );
    }
    await context.locks.hold(
      id,
      async () => {
        if (await isAlive(context, await readContainer(context, id))) return;
        await start(context, id, signal === undefined ? {} : { signal });
      },
      signal,
    );
  }
}

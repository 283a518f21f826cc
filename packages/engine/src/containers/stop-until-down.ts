// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import type { Context } from '../core/context.ts';
import type { ContainerRecord, StopOptions } from '../types/containers.ts';
import { takeCare } from './caretaker.ts';
import { cleanupContainer } from './cleanup.ts';
import { stopProcess } from './stop.ts';

/**
 * Ends a container and cleans up; gives its record, unless it removed itself. A restart that was under way when the
 * stop was noted brings it up once more, and is ended as well.
 */
export async function stopUntilDown(
  context: Context,
  id: string,
  options?: StopOptions,
): Promise<ContainerRecord | undefined> {
  using _care = takeCare(context, id);
  for (;;) {
    await stopProcess(context, id, options);
    try {
      return await cleanupContainer(context, id);
    } catch (error) {
      if (!(error instanceof LadingError && error.reason === 'CONTAINER_RUNNING')) throw error;
    }
  }
}

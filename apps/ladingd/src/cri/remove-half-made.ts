// SPDX-License-Identifier: Apache-2.0
import type { Engine } from '@lading/engine';
import { LadingError } from '@lading/errors';
import { podMetadataOf } from './metadata.ts';

/**
 * Takes sandboxes away that a daemon was making when it was killed: nobody has been told of them, and their names are
 * wanted again. One that cannot be removed is left for the kubelet, which sees it as not ready.
 */
export async function removeHalfMade(engine: Engine, onWarning: (message: string) => void): Promise<void> {
  for (const pod of await engine.pods.list()) {
    if (pod.readyAt !== undefined || pod.stoppedAt !== undefined || podMetadataOf(pod) === undefined)
      continue;
    try {
      await engine.pods.remove(pod.id, { force: true, ignoreMissing: true });
    } catch (error) {
      onWarning(
        `sandbox ${pod.id} was not made to the end, and cannot be removed: ${LadingError.from(error).message}`,
      );
    }
  }
}

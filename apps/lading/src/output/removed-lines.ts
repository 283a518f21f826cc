// SPDX-License-Identifier: Apache-2.0
import type { RemovedImage } from '@lading/engine';

/** What `rmi` prints of an image; undefined where nothing has become of it. */
export function removedLines({ id, untagged, deleted, parents }: RemovedImage): string | undefined {
  const lines = untagged.map((name) => `Untagged: ${name}`);
  if (deleted) lines.push(...[id, ...parents].map((gone) => `Deleted: ${gone}`));
  return lines.length === 0 ? undefined : lines.join('\n');
}

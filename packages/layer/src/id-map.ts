// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** A run of ids: those from `containerId` on inside of the container are those from `hostId` on outside. */
export interface IdMapping {
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
}

/**
 * The id that a container sees for one on the disk. Without mappings they are the same.
 *
 * @throws LadingError `invalid_argument` with reason `ID_MAP` for an id that no mapping holds
 */
export function containerIdOf(
  hostId: number,
  mappings: readonly IdMapping[] | undefined,
  what: string,
): number {
  if (mappings === undefined || mappings.length === 0) return hostId;
  const found = mappings.find(({ hostId: first, size }) => hostId >= first && hostId < first + size);
  if (found !== undefined) return hostId - found.hostId + found.containerId;
  throw new LadingError(
    Code.InvalidArgument,
    `${what} belongs to the id ${hostId}, which is not in the id maps; give maps that hold it, or change its owner`,
    { reason: 'ID_MAP' },
  );
}

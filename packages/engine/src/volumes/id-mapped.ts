// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type IdMappedMountRequest, idMappedMount, openUserNamespace } from '@lading/linux';
import type { IdMaps } from '../types/container-options.ts';

/**
 * Shows files of these ids inside as those of the ids outside.
 *
 * @throws LadingError `failed_precondition` with reason `ID_MAPPED_MOUNT` where kernel or file system cannot
 */
export function mountIdMapped(idMaps: IdMaps, request: Omit<IdMappedMountRequest, 'userNamespace'>): void {
  try {
    using userNamespace = openUserNamespace(idMaps);
    idMappedMount({ ...request, userNamespace });
  } catch (error) {
    const failure = LadingError.from(error);
    if (!['EINVAL', 'ENOSYS', 'EPERM'].includes(failure.reason ?? '')) throw failure;
    throw new LadingError(
      Code.FailedPrecondition,
      `cannot mount ${JSON.stringify(request.source)} with the ids of the container (${failure.message}): it needs Linux 5.12 or newer, 6.3 for tmpfs, and a file system that has id-mapped mounts`,
      { reason: 'ID_MAPPED_MOUNT', cause: error },
    );
  }
}

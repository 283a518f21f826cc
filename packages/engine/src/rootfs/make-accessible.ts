// SPDX-License-Identifier: Apache-2.0
import { chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LadingError } from '@lading/errors';

/**
 * Lets others pass through a folder and those above it, without being able to list them: the root of a user namespace
 * is one of the others, and does not get to its root file system otherwise. As podman does.
 */
export async function makeAccessible(path: string): Promise<void> {
  try {
    for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
      const { mode } = await stat(folder);
      if ((mode & 0o111) !== 0o111) await chmod(folder, (mode & 0o7777) | 0o111);
    }
  } catch (error) {
    throw LadingError.from(error);
  }
}

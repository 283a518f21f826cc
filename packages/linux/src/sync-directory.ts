// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';

/** Makes the names in a folder durable, such as one that was just renamed into it. */
export async function syncDirectory(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

// SPDX-License-Identifier: Apache-2.0
import { type DriverHome, driverHomes, type Paths } from './paths.ts';
import { openTempDir, type TempDir } from './temp-dir.ts';

/** Where layers go that are removed, on the file system that they are on; emptied when it is disposed of. */
export interface Trash extends AsyncDisposable {
  folderIn(home: DriverHome): string;
}

export async function openTrash(paths: Paths): Promise<Trash> {
  const opened = new Map<DriverHome, TempDir>();
  const dispose = async (): Promise<void> => {
    await Promise.all([...opened.values()].map((temp) => temp.release()));
  };
  try {
    for (const home of driverHomes(paths)) opened.set(home, await openTempDir(home.overlayTemp));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    folderIn: (home) => opened.get(home)?.path ?? home.overlayTemp,
    [Symbol.asyncDispose]: dispose,
  };
}

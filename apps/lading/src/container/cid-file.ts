// SPDX-License-Identifier: Apache-2.0
import { access, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';

/** `--cidfile`: where the id goes once there is a container. */
export interface CidFile {
  write(id: string): Promise<void>;
}

/** Refuses a file that exists, before anything is made. */
export async function openCidFile(path: string | undefined, cwd: string): Promise<CidFile> {
  if (path === undefined || path === '') return { write: async () => {} };
  const file = resolve(cwd, path);
  if (await exists(file)) {
    throw new LadingError(
      Code.AlreadyExists,
      `container id file exists. Ensure another container is not using it or delete ${file}`,
    );
  }
  return { write: (id) => writeFile(file, id, { flag: 'wx' }) };
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (reason) {
    const error = LadingError.from(reason);
    if (hasCode(error, Code.NotFound)) return false;
    throw error;
  }
}

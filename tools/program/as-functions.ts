// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFiles } from './join-hot-files.ts';

/** Makes each CommonJS file the function that the loader calls, so that it need not put one together in each run. */
export async function writeAsFunctions(folder: string): Promise<void> {
  for (const name of await programFiles(folder)) {
    const path = join(folder, name);
    await writeFile(path, asFunction(await readFile(path, 'utf8')));
  }
}

export function asFunction(source: string): string {
  return `(function(exports,require,module,__filename){${source}\n})`;
}

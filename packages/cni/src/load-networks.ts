// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { parseNetworkConfig } from './parse-config.ts';
import type { LoadedNetwork } from './types.ts';

export interface LoadOptions {
  /** Gets the error of each file that is passed over. */
  readonly onInvalid?: (error: LadingError) => void;
}

const endings = ['.conf', '.conflist', '.json'];
const largestFile = 1 << 20;

/**
 * The networks of a folder, in the order of the files' names; the first is the default one. A file that cannot be
 * used is passed over, as is a second network of the same name. A folder that is missing has no networks.
 */
export async function loadNetworks(
  dir: string,
  options: LoadOptions = {},
): Promise<readonly LoadedNetwork[]> {
  const found = new Map<string, LoadedNetwork>();
  for (const file of (await filesOf(dir))
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .toSorted()) {
    const path = join(dir, file);
    try {
      const bytes = await readFile(path);
      if (bytes.length > largestFile)
        throw new LadingError(Code.ResourceExhausted, `${path} is larger than ${largestFile} bytes`);
      const list = parseNetworkConfig(bytes.toString(), path);
      if (found.has(list.name))
        throw new LadingError(
          Code.AlreadyExists,
          `${path}: the network ${list.name} is in ${found.get(list.name)?.file} already`,
        );
      found.set(list.name, { name: list.name, list, file: path, bytes });
    } catch (error) {
      options.onInvalid?.(LadingError.from(error));
    }
  }
  return [...found.values()];
}

async function filesOf(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    const error = LadingError.from(cause);
    if (hasCode(error, Code.NotFound)) return [];
    throw error;
  }
}

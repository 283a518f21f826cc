// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { isName, isTrue, networkConfigOf, parseObject } from './parse-config.ts';
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
      const bytes = await read(path);
      const own = parseObject(bytes.toString(), path);
      const further = await pluginsOfFolder(own, path);
      const json = further.length === 0 ? own : joined(own, further);
      const list = networkConfigOf(json, path);
      if (found.has(list.name))
        throw new LadingError(
          Code.AlreadyExists,
          `${path}: the network ${list.name} is in ${found.get(list.name)?.file} already`,
        );
      found.set(list.name, {
        name: list.name,
        list,
        file: path,
        bytes: json === own ? bytes : Buffer.from(JSON.stringify(json)),
      });
    } catch (error) {
      options.onInvalid?.(LadingError.from(error));
    }
  }
  return [...found.values()];
}

async function read(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  if (bytes.length <= largestFile) return bytes;
  throw new LadingError(Code.ResourceExhausted, `${path} is larger than ${largestFile} bytes`);
}

/**
 * The plugins in the folder that has the name of a list, beside its file; none when it asks for its own alone.
 *
 * @see CNI spec 1.1, `loadOnlyInlinedPlugins`
 */
async function pluginsOfFolder(
  { name, loadOnlyInlinedPlugins }: Record<string, unknown>,
  path: string,
): Promise<readonly object[]> {
  // Of another name it is refused, with the reason, when it is looked at.
  if (!path.endsWith('.conflist') || typeof name !== 'string' || !isName(name)) return [];
  if (isTrue(loadOnlyInlinedPlugins)) return [];
  const folder = join(dirname(path), name);
  const files = (await filesOf(folder)).filter((file) => file.endsWith('.conf')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const plugin = join(folder, file);
      return parseObject((await read(plugin)).toString(), plugin);
    }),
  );
}

/** The list with further plugins behind its own. It can be read without the folder, when that has changed long since. */
function joined(own: Record<string, unknown>, further: readonly object[]): Record<string, unknown> {
  const inlined = Array.isArray(own.plugins) ? own.plugins : [];
  return { ...own, plugins: [...inlined, ...further], loadOnlyInlinedPlugins: true };
}

async function filesOf(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    const error = LadingError.from(cause);
    // A file may have the name of a network.
    if (error.reason === 'ENOTDIR' || hasCode(error, Code.NotFound)) return [];
    throw error;
  }
}

// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { isName, isObject, isTrue, parseNetworkConfig } from './parse-config.ts';
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
      const bytes = await withOwnFolder(await read(path), path);
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

async function read(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  if (bytes.length <= largestFile) return bytes;
  throw new LadingError(Code.ResourceExhausted, `${path} is larger than ${largestFile} bytes`);
}

/**
 * The list with the plugins of the folder that has its name, beside its file, behind its own; as it is when it asks for
 * its own alone, or there are no others. It can then be read without the folder, when that has changed long since.
 *
 * @see CNI spec 1.1, `loadOnlyInlinedPlugins`
 */
async function withOwnFolder(bytes: Buffer, path: string): Promise<Buffer> {
  const json = path.endsWith('.conflist') ? parseJson(bytes) : undefined;
  // Others are refused by the parser, which says why.
  if (!isObject(json) || typeof json.name !== 'string' || !isName(json.name)) return bytes;
  if (isTrue(json.loadOnlyInlinedPlugins)) return bytes;
  const folder = join(dirname(path), json.name);
  const files = (await filesOf(folder)).filter((name) => name.endsWith('.conf')).toSorted();
  if (files.length === 0) return bytes;
  const others = await Promise.all(
    files.map(async (file) => {
      const plugin = parseJson(await read(join(folder, file)));
      if (isObject(plugin)) return plugin;
      throw new LadingError(Code.InvalidArgument, `${join(folder, file)}: is not a JSON object`);
    }),
  );
  const own = Array.isArray(json.plugins) ? json.plugins : [];
  return Buffer.from(JSON.stringify({ ...json, plugins: [...own, ...others], loadOnlyInlinedPlugins: true }));
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined; // the caller says so
  }
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

// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { NetworkConfigList, PluginConfig } from './types.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const mostPlugins = 32;
/** The highest version of the specification that is spoken. */
export const newestVersion = '1.1.0';
const versionPattern = /^\d+\.\d+\.\d+$/;

/**
 * Reads a configuration file: a list (`plugins`), or a single plugin, which becomes a list of one.
 *
 * @throws LadingError `invalid_argument` naming the file and the fault
 */
export function parseNetworkConfig(text: string, file: string): NetworkConfigList {
  return networkConfigOf(parseObject(text, file), file);
}

/** The object that a file holds. @throws LadingError `invalid_argument` naming the file */
export function parseObject(text: string, file: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new LadingError(Code.InvalidArgument, `${file}: is not JSON`, { cause });
  }
  if (isObject(json)) return json;
  throw new LadingError(Code.InvalidArgument, `${file}: is not a JSON object`);
}

/** As {@link parseNetworkConfig}, of what the file holds. */
export function networkConfigOf(json: Record<string, unknown>, file: string): NetworkConfigList {
  const fail = (fault: string): never => {
    throw new LadingError(Code.InvalidArgument, `${file}: ${fault}`);
  };
  const isList = file.endsWith('.conflist');
  const plugins = isList ? json.plugins : [json];
  const name = json.name;
  if (typeof name !== 'string' || !namePattern.test(name))
    return fail('has no "name" of letters, digits, "_", "." and "-"');
  if (!Array.isArray(plugins) || plugins.length === 0) return fail('has no "plugins"');
  if (plugins.length > mostPlugins) return fail(`has more than ${mostPlugins} plugins`);
  return {
    cniVersion: versionOf(json, fail),
    name,
    ...(isTrue(json.disableCheck) ? { disableCheck: true } : {}),
    ...(isTrue(json.disableGC) ? { disableGC: true } : {}),
    plugins: plugins.map((plugin: unknown): PluginConfig => {
      if (!isObject(plugin) || typeof plugin.type !== 'string') return fail('has a plugin without "type"');
      // The type is the name of a file that root will run: it must not lead out of the plugin folders.
      if (!namePattern.test(plugin.type))
        return fail(`has the plugin type ${JSON.stringify(plugin.type)}, which is no file name`);
      const { ipam, capabilities = {}, ...rest } = plugin;
      if (isObject(ipam) && typeof ipam.type === 'string' && ipam.type !== '' && !namePattern.test(ipam.type))
        return fail(`has the IPAM type ${JSON.stringify(ipam.type)}, which is no file name`);
      if (!isObject(capabilities)) return fail('has "capabilities" that are no object');
      const asked = Object.entries(capabilities).filter(([, value]) => value === true);
      return {
        ...rest,
        type: plugin.type,
        ...(ipam === undefined ? {} : { ipam }),
        ...(asked.length === 0
          ? {}
          : { capabilities: Object.fromEntries(asked.map(([key]) => [key, true])) }),
      };
    }),
  };
}

/** The highest version that both the file and we know; a file without one speaks the first. */
function versionOf(json: Record<string, unknown>, fail: (fault: string) => never): string {
  const offered = [json.cniVersion ?? '0.1.0', ...(Array.isArray(json.cniVersions) ? json.cniVersions : [])];
  const known = offered.filter(
    (version): version is string =>
      typeof version === 'string' && versionPattern.test(version) && !isNewer(version, newestVersion),
  );
  return (
    known.toSorted((a, b) => (isNewer(a, b) ? 1 : -1)).at(-1) ??
    fail(`speaks CNI ${offered.join(', ')}; at most ${newestVersion} is known`)
  );
}

export function isNewer(a: string, b: string): boolean {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  const i = [0, 1, 2].find((index) => x?.[index] !== y?.[index]);
  return i !== undefined && (x?.[i] ?? 0) > (y?.[i] ?? 0);
}

/** libcni takes it as text too. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The specification's rule for names; plugins' file names are held to it, too. */
export function isName(text: string): boolean {
  return namePattern.test(text);
}

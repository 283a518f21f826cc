// SPDX-License-Identifier: Apache-2.0
import type { ContainerConfig } from '@lading/image-spec';

/** Members that are sets or maps, whose entries are each inherited or not. */
const maps = ['ExposedPorts', 'Volumes', 'Labels'] as const;

/**
 * What an image says of its containers on a new base: what it has from the old base comes from the new one, what it has
 * said itself stays.
 */
export function mergeContainers(
  own: ContainerConfig,
  oldBase: ContainerConfig,
  newBase: ContainerConfig,
): ContainerConfig {
  const merged = new Map<string, unknown>(Object.entries(mergeEntries(own, oldBase, newBase)));
  for (const name of maps) {
    const entries = mergeEntries(own[name] ?? {}, oldBase[name] ?? {}, newBase[name] ?? {});
    setOrDelete(merged, name, Object.keys(entries).length === 0 ? undefined : entries);
  }
  const env = mergeEntries(envOf(own), envOf(oldBase), envOf(newBase));
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  setOrDelete(merged, 'Env', lines.length === 0 ? undefined : lines);
  return Object.fromEntries(merged);
}

function setOrDelete(members: Map<string, unknown>, name: string, value: unknown): void {
  if (value === undefined) members.delete(name);
  else members.set(name, value);
}

/** Entry by entry: one that is as it was in the old base is as it is in the new one. */
function mergeEntries<T extends object>(own: T, oldBase: T, newBase: T): T {
  const [mine, before, after] = [own, oldBase, newBase].map(
    (value) => new Map<string, unknown>(Object.entries(value)),
  );
  const names = new Set([...(after?.keys() ?? []), ...(mine?.keys() ?? [])]);
  const entries = [...names].flatMap((name): [string, unknown][] => {
    const isInherited = JSON.stringify(mine?.get(name)) === JSON.stringify(before?.get(name));
    const value = isInherited ? after?.get(name) : mine?.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries) as T;
}

function envOf({ Env = [] }: ContainerConfig): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Env.map((entry) => {
      const end = entry.includes('=') ? entry.indexOf('=') : entry.length;
      return [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );
}

// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { parseFamiliarReference, type Reference } from '@lading/image-spec';
import { type RegistriesFile, readRegistriesFile } from './registries-file.ts';
import { loadToml } from './toml.ts';
import type { ConfigWarning } from './warning.ts';

type Aliases = RegistriesFile['aliases'];

/** The aliases of several files, of which the later count; one that leads nowhere takes those before it away. */
export function mergeAliases(files: readonly Aliases[]): ReadonlyMap<string, Reference> {
  const merged = new Map<string, Reference>();
  for (const [name, target] of files.flatMap((file) => [...file])) {
    if (target === undefined) merged.delete(name);
    else merged.set(name, target);
  }
  return merged;
}

/** What podman wrote down of short names. It is no configuration: what is wrong with it must stop nobody. */
export async function loadRecordedAliases(
  path: string,
  warnings: ConfigWarning[],
  signal: AbortSignal | undefined,
): Promise<Aliases> {
  try {
    const file = await loadToml(path, signal);
    return file === undefined ? new Map() : readRegistriesFile(file, warnings).aliases;
  } catch (error) {
    signal?.throwIfAborted();
    warnings.push({ file: path, message: LadingError.from(error).message });
    return new Map();
  }
}

/**
 * The full references that a text may stand for, best first: itself when it names a host, its alias, or one for each host
 * that is searched.
 */
export function candidates(
  text: string,
  aliases: ReadonlyMap<string, Reference>,
  search: readonly string[],
): readonly Reference[] {
  const familiar = parseFamiliarReference(text);
  if (text.startsWith(`${familiar.host}/`) || text.startsWith('index.docker.io/')) return [familiar];
  const { tag, digest } = familiar;
  const suffix = { ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
  const alias = aliases.get(nameOnly(text));
  if (alias !== undefined) return [{ host: alias.host, repository: alias.repository, ...suffix }];
  return search.map((host) => parseFamiliarReference(`${host}/${text}`));
}

/** A short name without tag and digest, as aliases have it. */
export function nameOnly(text: string): string {
  return text.replace(/[:@].*$/, '');
}

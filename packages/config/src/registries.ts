// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { parseFamiliarReference, parseReference, type Reference } from '@lading/image-spec';
import { coveredBy, findEntry } from './match-prefix.ts';
import { type RegistriesFile, readRegistriesFile, type ShortNameMode } from './registries-file.ts';
import { registriesPaths } from './registries-paths.ts';
import type { RegistryEntry } from './registry-entry.ts';
import { shown } from './text.ts';
import { loadDropIns, loadToml } from './toml.ts';
import type { ConfigWarning } from './warning.ts';

/** A place to ask for an image. */
export interface RegistryEndpoint {
  /** The reference with the place's location in it. */
  readonly reference: Reference;
  /** Certificates are not verified and plain HTTP is allowed. */
  readonly insecure: boolean;
}

/** What registries.conf makes of a reference. */
export interface ResolvedReference extends RegistryEndpoint {
  readonly blocked: boolean;
  /** To be asked before the registry itself, in this order. */
  readonly mirrors: readonly RegistryEndpoint[];
}

/** registries.conf with its drop-ins. */
export interface Registries {
  /** Where a short name is looked for. */
  readonly unqualifiedSearch: readonly string[];
  readonly shortNameMode: ShortNameMode;
  readonly aliases: ReadonlyMap<string, Reference>;
  readonly entries: readonly RegistryEntry[];
  /** Names of credential helpers to ask before the files. */
  readonly credentialHelpers: readonly string[];
  readonly warnings: readonly ConfigWarning[];
  /** Never fails for a blocked registry: `blocked` says so. */
  resolve(reference: Reference): ResolvedReference;
  /** Whether certificates of this host may go unverified, by the entry of the host itself. */
  isInsecure(host: string): boolean;
  /**
   * The full references that a text may stand for, best first: itself when it names a host, its alias, or
   * one for each host in `unqualifiedSearch`. Empty when nothing says where a short name is.
   */
  candidates(text: string): readonly Reference[];
}

/** Options of {@link loadRegistries}. */
export interface LoadRegistriesOptions {
  /** Default: CONTAINERS_REGISTRIES_CONF, the user's file, /etc/containers/registries.conf. */
  readonly path?: string;
  /** Default: CONTAINERS_REGISTRIES_CONF_DIR, or those of the system and the user. */
  readonly dropInDirectories?: readonly string[];
  /** Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/**
 * Loads registries.conf, version 2, and its drop-ins. Files that do not exist say nothing.
 *
 * @throws InvalidArgument naming the file, and line or key, for what cannot be understood
 */
export async function loadRegistries(options: LoadRegistriesOptions = {}): Promise<Registries> {
  const { env = process.env, signal } = options;
  const { file, directories } = registriesPaths(env, options.path, options.dropInDirectories);
  const warnings: ConfigWarning[] = [];
  const main = await loadToml(file, signal);
  if (main === undefined && options.path !== undefined) {
    throw new LadingError(Code.NotFound, `${options.path} does not exist`, { reason: 'ENOENT' });
  }
  const dropIns = await Promise.all(directories.map((directory) => loadDropIns(directory, signal)));
  const files = [...(main === undefined ? [] : [main]), ...dropIns.flat()];
  return createRegistries(
    files.map((found) => readRegistriesFile(found, warnings)),
    warnings,
  );
}

/** Later files count; entries replace those with the same prefix. */
function createRegistries(files: readonly RegistriesFile[], warnings: readonly ConfigWarning[]): Registries {
  const byPrefix = new Map<string, RegistryEntry>();
  const aliases = new Map<string, Reference>();
  for (const file of files) {
    for (const entry of file.entries) byPrefix.set(entry.prefix, entry);
    for (const [name, target] of file.aliases) {
      if (target === undefined) aliases.delete(name);
      else aliases.set(name, target);
    }
  }
  const last = <K extends keyof RegistriesFile>(key: K): RegistriesFile[K] | undefined =>
    files.findLast((file) => file[key] !== undefined)?.[key];
  const unqualifiedSearch = last('unqualifiedSearch') ?? [];
  const entries = [...byPrefix.values()];
  return {
    unqualifiedSearch,
    shortNameMode: last('shortNameMode') ?? 'permissive',
    credentialHelpers: last('credentialHelpers') ?? [],
    aliases,
    entries,
    warnings,
    resolve: (reference) => resolve(reference, entries),
    isInsecure: (host) => findEntry(host, entries)?.insecure ?? false,
    candidates: (text) => candidates(text, aliases, unqualifiedSearch),
  };
}

function resolve(reference: Reference, entries: readonly RegistryEntry[]): ResolvedReference {
  const name = `${reference.host}/${reference.repository}`;
  const entry = findEntry(name, entries);
  if (entry === undefined) return { reference, insecure: false, blocked: false, mirrors: [] };
  const rest = name.slice(coveredBy(name, entry.prefix));
  const moved = (location: string | undefined): Reference =>
    location === undefined ? reference : relocate(reference, location + rest);
  const mirrors = entry.mirrors.filter(({ pullFrom }) =>
    reference.digest === undefined ? pullFrom !== 'digest-only' : pullFrom !== 'tag-only',
  );
  return {
    reference: moved(entry.location),
    insecure: entry.insecure,
    blocked: entry.blocked,
    mirrors: mirrors.map(({ location, insecure }) => ({ reference: moved(location), insecure })),
  };
}

function relocate({ tag, digest }: Reference, name: string): Reference {
  try {
    const { host, repository } = parseReference(name);
    return {
      host,
      repository,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
    };
  } catch (cause) {
    throw new LadingError(
      Code.InvalidArgument,
      `registries.conf leads to ${shown(name)}, which is no repository: check its location`,
      { reason: 'CONFIG_INVALID', cause },
    );
  }
}

function candidates(
  text: string,
  aliases: ReadonlyMap<string, Reference>,
  search: readonly string[],
): readonly Reference[] {
  const familiar = parseFamiliarReference(text);
  if (text.startsWith(`${familiar.host}/`) || text.startsWith('index.docker.io/')) return [familiar];
  const { tag, digest } = familiar;
  const suffix = { ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
  const end = text.search(/[:@]/);
  const name = end < 0 ? text : text.slice(0, end);
  const alias = aliases.get(name);
  if (alias !== undefined) return [{ host: alias.host, repository: alias.repository, ...suffix }];
  return search.map((host) => parseFamiliarReference(`${host}/${text}`));
}

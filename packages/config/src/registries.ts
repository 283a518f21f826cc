// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { parseReference, type Reference } from '@lading/image-spec';
import { coveredBy, findEntry, isBlockedAlone } from './match-prefix.ts';
import { type RegistriesFile, readRegistriesFile, type ShortNameMode } from './registries-file.ts';
import { recordedAliases, registriesPaths } from './registries-paths.ts';
import type { RegistryEntry } from './registry-entry.ts';
import { candidates, loadRecordedAliases, mergeAliases } from './short-names.ts';
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
  /**
   * File of the aliases that people chose when podman asked them; they count before those of the configuration. Default:
   * podman's, /var/cache/containers/short-name-aliases.conf or that of the user.
   */
  readonly recordedAliases?: string;
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
  const record = options.recordedAliases ?? recordedAliases(env);
  const files = [...(main === undefined ? [] : [main]), ...dropIns.flat()];
  return createRegistries(
    files.map((found) => readRegistriesFile(found, warnings)),
    await loadRecordedAliases(record, warnings, signal),
    warnings,
  );
}

/** Later files count; entries replace those with the same prefix. */
function createRegistries(
  files: readonly RegistriesFile[],
  recorded: RegistriesFile['aliases'],
  warnings: readonly ConfigWarning[],
): Registries {
  const byPrefix = new Map<string, RegistryEntry>();
  for (const file of files) for (const entry of file.entries) byPrefix.set(entry.prefix, entry);
  const aliases = mergeAliases([...files.map((file) => file.aliases), recorded]);
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
  const blocked = isBlockedAlone(name, reference, entries);
  if (entry === undefined) return { reference, insecure: false, blocked, mirrors: [] };
  const rest = name.slice(coveredBy(name, entry.prefix));
  const moved = (location: string | undefined): Reference =>
    location === undefined ? reference : relocate(reference, location + rest);
  const mirrors = entry.mirrors.filter(({ pullFrom }) =>
    reference.digest === undefined ? pullFrom !== 'digest-only' : pullFrom !== 'tag-only',
  );
  return {
    reference: moved(entry.location),
    insecure: entry.insecure,
    blocked: blocked || entry.blocked,
    mirrors: mirrors.map(({ location, insecure }) => ({ reference: moved(location), insecure })),
  };
}

function relocate({ tag, digest }: Reference, name: string): Reference {
  try {
    const place = parseReference(name);
    // By its digest an image is the same in a place that has a tag too much.
    if (place.digest !== undefined || (place.tag !== undefined && digest === undefined)) {
      throw new LadingError(Code.InvalidArgument, `${shown(name)} has a tag or a digest of its own`);
    }
    return {
      host: place.host,
      repository: place.repository,
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

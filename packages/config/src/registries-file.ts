// SPDX-License-Identifier: Apache-2.0
import { formatReference, parseReference, type Reference } from '@lading/image-spec';
import { isOfOneImage } from './match-prefix.ts';
import { type RegistryEntry, readEntry } from './registry-entry.ts';
import { openSection, type Section } from './section.ts';
import { shown } from './text.ts';
import type { TomlFile } from './toml.ts';
import type { ConfigWarning } from './warning.ts';

export type ShortNameMode = 'enforcing' | 'permissive' | 'disabled';

/** What one file of registries.conf or its drop-ins says; undefined where it says nothing. */
export interface RegistriesFile {
  readonly unqualifiedSearch: readonly string[] | undefined;
  readonly shortNameMode: ShortNameMode | undefined;
  readonly credentialHelpers: readonly string[] | undefined;
  readonly entries: readonly RegistryEntry[];
  /** An undefined value takes the alias of an earlier file away. */
  readonly aliases: ReadonlyMap<string, Reference | undefined>;
}

/** @see https://github.com/containers/image/blob/v5.36.2/docs/containers-registries.conf.5.md */
export function readRegistriesFile(file: TomlFile, warnings: ConfigWarning[]): RegistriesFile {
  const root = openSection(file, warnings);
  if (root.has('registries')) {
    // To pass it over would unblock what the file blocks.
    throw root.fault('registries', 'this is version 1 of the format; write [[registry]] tables');
  }
  const shortNameMode = root.string('short-name-mode') || undefined;
  if (shortNameMode !== undefined && !isMode(shortNameMode)) {
    throw root.fault('short-name-mode', 'expected enforcing, permissive or disabled');
  }
  const result: RegistriesFile = {
    unqualifiedSearch: hosts(root, 'unqualified-search-registries'),
    shortNameMode,
    credentialHelpers: root.strings('credential-helpers'),
    entries: firstOfEach(root, root.sections('registry').map(readEntry)),
    aliases: readAliases(root),
  };
  for (const { prefix, blocked } of result.entries) {
    if (blocked || !isOfOneImage(prefix)) continue;
    const message = `${shown(prefix)} has a tag or a digest: such an entry can block its image, and does nothing else`;
    warnings.push({ file: file.file, message });
  }
  // For programs that mount layers from elsewhere; none is here.
  root.ignore('additional-layer-store-auth-helper');
  root.end();
  return result;
}

/** In one file the first entry of a prefix counts, and two may not say the opposite of one place. */
function firstOfEach(root: Section, entries: readonly RegistryEntry[]): readonly RegistryEntry[] {
  const byPlace = new Map<string, RegistryEntry>();
  const byPrefix = new Map<string, RegistryEntry>();
  for (const entry of entries) {
    const place = entry.location ?? entry.prefix;
    const other = byPlace.get(place) ?? entry;
    for (const setting of ['insecure', 'blocked'] as const) {
      if (entry[setting] === other[setting]) continue;
      throw root.fault('registry', `${shown(place)} is defined twice, with another ${setting} each time`);
    }
    byPlace.set(place, other);
    if (!byPrefix.has(entry.prefix)) byPrefix.set(entry.prefix, entry);
  }
  return [...byPrefix.values()];
}

function isMode(text: string): text is ShortNameMode {
  return text === 'enforcing' || text === 'permissive' || text === 'disabled';
}

function hosts(root: Section, key: string): readonly string[] | undefined {
  const list = root.strings(key)?.map((host) => host.replace(/\/+$/, ''));
  for (const host of list ?? []) {
    if (!/^[A-Za-z0-9[][^\s@?#\\]*$/.test(host) || host.includes('://')) {
      throw root.fault(key, `${shown(host)} is not the host of a registry`);
    }
  }
  return list;
}

function readAliases(root: Section): ReadonlyMap<string, Reference | undefined> {
  const aliases = new Map<string, Reference | undefined>();
  for (const [name, target] of root.stringMap('aliases')) {
    if (!/^[a-z0-9][a-z0-9._/-]*$/.test(name)) {
      throw root.fault('aliases', `${shown(name)} is not a short name`);
    }
    aliases.set(name, target === '' ? undefined : readTarget(root, name, target));
  }
  return aliases;
}

function readTarget(root: Section, name: string, target: string): Reference {
  const fault = () =>
    root.fault('aliases', `${shown(name)}: ${shown(target)} is not host/path without tag and digest`);
  let reference: Reference;
  try {
    reference = parseReference(target);
  } catch {
    throw fault();
  }
  if (formatReference(reference) !== `${reference.host}/${reference.repository}`) throw fault();
  return reference;
}

// SPDX-License-Identifier: Apache-2.0
import type { Section } from './section.ts';

/** Another place that has the same images. */
export interface Mirror {
  readonly location: string;
  readonly insecure: boolean;
  /** Which references it is asked for. */
  readonly pullFrom: 'all' | 'digest-only' | 'tag-only';
}

/** One `[[registry]]` of registries.conf. */
export interface RegistryEntry {
  /**
   * What references begin with: a host, a namespace, a repository, or `*.domain` for all hosts under it. One with a tag
   * or a digest is of that image, which it can block and does nothing else with.
   */
  readonly prefix: string;
  /** What stands for the prefix when the registry is asked. Undefined for a wildcard that rewrites nothing. */
  readonly location: string | undefined;
  /** Certificates are not verified and plain HTTP is allowed. */
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly Mirror[];
}

/** Reads a `[[registry]]` table of version 2. */
export function readEntry(section: Section): RegistryEntry {
  const location = place(section, 'location');
  const prefix = place(section, 'prefix') ?? location;
  if (prefix === undefined) throw section.fault('prefix', 'a registry needs a prefix or a location');
  if (prefix.includes('*') && !/^\*\.[A-Za-z0-9][A-Za-z0-9.-]*$/.test(prefix)) {
    throw section.fault('prefix', 'a wildcard stands for the first part of a host, as in *.example.com');
  }
  if (location?.includes('*')) throw section.fault('location', 'a location has no wildcard');
  if (location === undefined && !prefix.startsWith('*.')) {
    throw section.fault('location', `${prefix} needs a location: only a prefix with a wildcard goes without`);
  }
  if (section.has('pull-from-mirror')) {
    throw section.fault('pull-from-mirror', 'this is for a [[registry.mirror]], not for the registry itself');
  }
  const byDigestOnly = section.boolean('mirror-by-digest-only') ?? false;
  return {
    prefix,
    location,
    insecure: section.boolean('insecure') ?? false,
    blocked: section.boolean('blocked') ?? false,
    mirrors: section.sections('mirror').map((mirror) => readMirror(mirror, byDigestOnly)),
  };
}

function readMirror(section: Section, byDigestOnly: boolean): Mirror {
  const location = place(section, 'location');
  if (location === undefined) throw section.fault('location', 'a mirror needs a location');
  const own = section.string('pull-from-mirror') || undefined;
  if (byDigestOnly && own !== undefined) {
    throw section.fault(
      'pull-from-mirror',
      'the registry has mirror-by-digest-only, which says the same for all',
    );
  }
  const pullFrom = own ?? (byDigestOnly ? 'digest-only' : 'all');
  if (pullFrom !== 'all' && pullFrom !== 'digest-only' && pullFrom !== 'tag-only') {
    throw section.fault('pull-from-mirror', 'expected all, digest-only or tag-only');
  }
  return { location, insecure: section.boolean('insecure') ?? false, pullFrom };
}

function place(section: Section, key: string): string | undefined {
  const text = section.string(key)?.replace(/\/+$/, '');
  if (text === undefined || text === '') return undefined;
  if (text.includes('://')) throw section.fault(key, 'write host and path without http:// or https://');
  if (/[\s?#\\\p{Cc}]/u.test(text)) throw section.fault(key, 'expected a host, or a host and a path');
  return text;
}

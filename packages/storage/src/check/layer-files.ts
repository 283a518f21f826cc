// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findFolder } from '../layer-folder.ts';
import { ifThere, type Paths } from '../paths.ts';
import type { LayerRecord } from '../records.ts';

const linkName: RegExp = /^[A-Z2-7]{26}$/;

/** The name of a layer's short link, when its file says a valid one. A newline at its end is a fault: others read it. */
export function linkNameOf(paths: Paths, id: string, read?: 'trimmed'): string | undefined {
  const written = textOf(join(findFolder(paths, id), 'link'));
  const text = read === 'trimmed' ? written?.trim() : written;
  return text !== undefined && linkName.test(text) ? text : undefined;
}

/** Names of links in the file `lower`; undefined when there is none. A name that is no link's is kept as it stands. */
export function listedLinks(paths: Paths, id: string): readonly string[] | undefined {
  return textOf(join(findFolder(paths, id), 'lower'))
    ?.split(':')
    .map((entry) => entry.replace(/^l\//, ''));
}

/** Ids in the file `lower-layers`; undefined when there is none. */
export function listedIds(paths: Paths, id: string): readonly string[] | undefined {
  return textOf(join(findFolder(paths, id), 'lower-layers'))?.split(':');
}

/** Ids of the layers below, by their records; undefined when one of them is missing or is its own ancestor. */
export function chainOf(layers: ReadonlyMap<string, LayerRecord>, id: string): readonly string[] | undefined {
  const chain: string[] = [];
  for (let parent = layers.get(id)?.parent; parent !== undefined; parent = layers.get(parent)?.parent) {
    if (!layers.has(parent) || chain.includes(parent) || parent === id) return undefined;
    chain.push(parent);
  }
  return chain;
}

/** Where a symbolic link leads; undefined for something else, or nothing. */
export function linkTarget(path: string): string | undefined {
  return ifThere(() => (lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined));
}

/** Undefined also for what cannot be read as a file: it is to be made anew. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

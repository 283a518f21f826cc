// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { LadingError } from '@lading/errors';
import { resolverIn } from '@lading/linux';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { openMergedTree } from './merged-tree.ts';
import { findLayer } from './read-only-stores.ts';
import type { LayerRecord } from './records.ts';
import { openTempDir } from './temp-dir.ts';
import type { AutoIdMaps } from './types.ts';

/** The id of nobody, which every image has and no container needs. */
const nobody = 65_534;
/** A file of users is not larger; what follows cannot make the container's maps larger. */
const mostBytes = 4 << 20;

/** How many ids the files of an image have, and its users and groups: one more than the highest. */
export async function idsOfImage(
  context: StoreContext,
  topLayer: string,
  { passwdFile, groupFile }: AutoIdMaps,
  signal: AbortSignal | undefined,
): Promise<number> {
  let highest = -1;
  const seen = new Set<string>();
  for (let id: string | undefined = topLayer; id !== undefined && !seen.has(id); ) {
    seen.add(id);
    const layer: LayerRecord = known(await findLayer(context, id, signal), id, 'layer');
    // A copy of the image with other owners has the original's sets.
    for (const one of [...layer.uidSet, ...layer.gidSet]) highest = Math.max(highest, one);
    id = layer.parent;
  }
  await using temp = await openTempDir(context.paths.overlayTemp);
  const root = await context.layers.reading(signal, (layers) =>
    openMergedTree(context, layers, topLayer, temp.path, signal),
  );
  try {
    const inImage = resolverIn(`/proc/self/fd/${root}/.`);
    const textOf = (given: string | undefined, name: string): string =>
      limited(given === undefined ? inImage.open(Buffer.from(name)) : openFile(given));
    const users = highestId(textOf(passwdFile, 'etc/passwd'), [2, 3]);
    const groups = highestId(textOf(groupFile, 'etc/group'), [2]);
    return Math.max(highest, users, groups) + 1;
  } finally {
    closeSync(root);
  }
}

/** The highest id in lines such as `name:x:1000:1000`, but for nobody's; -1 for none. */
export function highestId(text: string, columns: readonly number[]): number {
  let highest = -1;
  for (const line of text.split('\n')) {
    const fields = line.trim().split(':');
    if (fields[0] === 'nobody' || fields[0] === 'nogroup') continue;
    for (const column of columns) {
      const field = fields[column] ?? '';
      const id = /^\d{1,10}$/.test(field) ? Number(field) : nobody;
      if (id !== nobody) highest = Math.max(highest, id);
    }
  }
  return highest;
}

function openFile(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY);
  } catch (error) {
    throw LadingError.from(error);
  }
}

function limited(fd: number | undefined): string {
  if (fd === undefined) return '';
  try {
    const bytes = fstatSync(fd).size > mostBytes ? Buffer.alloc(0) : readFileSync(fd);
    return bytes.toString();
  } finally {
    closeSync(fd);
  }
}

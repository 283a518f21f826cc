// SPDX-License-Identifier: Apache-2.0
import { chmod, chown, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { randomLinkName } from './ids.ts';

/** Mode of the content folder of a layer that stands on no other. */
const baseMode = 0o555;

/**
 * Makes the folder of a layer as the overlay driver has it: `diff`, `link` and its short link in `l/`, `work`,
 * `merged`, and what it stands on in `lower` and `lower-layers`, or `empty`.
 *
 * @param withDiff false when a staged `diff` will be moved in
 */
export async function makeLayerFolder(
  overlay: string,
  id: string,
  parent: string | undefined,
  withDiff: boolean,
): Promise<void> {
  const folder = join(overlay, id);
  await mkdir(folder, { mode: 0o700 });
  const link = randomLinkName();
  await symlink(`../${id}/diff`, join(overlay, 'l', link));
  await Promise.all([
    writeFile(join(folder, 'link'), link, { mode: 0o644 }),
    mkdir(join(folder, 'work'), { mode: 0o700 }),
    mkdir(join(folder, 'merged'), { mode: 0o700 }),
    parent === undefined
      ? mkdir(join(folder, 'empty'), { mode: 0o700 })
      : writeLowers(overlay, folder, parent),
  ]);
  if (withDiff) {
    await mkdir(join(folder, 'diff'));
    await likeParent(overlay, join(folder, 'diff'), parent);
  }
}

/** A content folder looks like that of its parent, whatever the root entry of its archive said. */
export async function likeParent(overlay: string, diff: string, parent: string | undefined): Promise<void> {
  const model = parent === undefined ? undefined : await stat(join(overlay, parent, 'diff'));
  await chmod(diff, model === undefined ? baseMode : model.mode & 0o7777);
  if (model !== undefined && (model.uid !== 0 || model.gid !== 0)) await chown(diff, model.uid, model.gid);
}

async function writeLowers(overlay: string, folder: string, parent: string): Promise<void> {
  const above = join(overlay, parent);
  const [link, lower, lowerLayers] = await Promise.all([
    readFile(join(above, 'link'), 'utf8'),
    readOptional(join(above, 'lower')),
    readOptional(join(above, 'lower-layers')),
  ]);
  await writeFile(join(folder, 'lower'), [`l/${link}`, ...(lower === undefined ? [] : [lower])].join(':'), {
    mode: 0o644,
  });
  // A parent of an older writer has no such file; a half list would show another tree than `lower` does.
  if (lower === undefined || lowerLayers !== undefined) {
    await writeFile(
      join(folder, 'lower-layers'),
      [parent, ...(lowerLayers === undefined ? [] : [lowerLayers])].join(':'),
      { mode: 0o644 },
    );
  }
}

/** Removes the folder of a layer and its short link. Any number of times. */
export async function removeLayerFolder(overlay: string, id: string): Promise<void> {
  const link = await readOptional(join(overlay, id, 'link'));
  if (link !== undefined && /^[A-Z2-7]{26}$/.test(link)) await rm(join(overlay, 'l', link), { force: true });
  await rm(join(overlay, id), { recursive: true, force: true });
}

export async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const error = LadingError.from(cause);
    if (hasCode(error, Code.NotFound)) return undefined;
    throw error;
  }
}

// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { endOfArchive, paddingAfter, tarMemberHeader } from '@lading/layer';
import { temporaryPath, writeAll } from '../blob-file.ts';
import { createLayoutDestination, type LayoutDestinationOptions } from '../oci/destination.ts';
import type { LayoutReference } from '../oci/layout-path.ts';
import type { ImageDestination } from '../types.ts';

/**
 * Writes an image into a layout in a folder beside the archive, and the archive from that. An archive that is
 * there is replaced by one with this image alone.
 */
export async function createOciArchiveDestination(
  reference: LayoutReference,
  options: LayoutDestinationOptions = {},
): Promise<ImageDestination> {
  const { path, text } = reference;
  const folder = await mkdtemp(join(dirname(path), '.lading-'));
  const temporary = temporaryPath(dirname(path));
  const clean = async (): Promise<void> => {
    await rm(temporary, { force: true });
    await rm(folder, { recursive: true, force: true });
  };
  let layout: ImageDestination;
  try {
    layout = createLayoutDestination({ ...reference, path: folder, blobs: join(folder, 'blobs') }, options);
  } catch (error) {
    await clean();
    throw error;
  }
  return {
    ...layout,
    reference: text,
    async commit(commitOptions) {
      await layout.commit(commitOptions);
      await using file = await open(temporary, 'wx', 0o644);
      await writeFolder(file, folder, '', commitOptions?.signal);
      await writeAll(file, endOfArchive);
      await file.sync();
      await rename(temporary, path);
      await clean();
    },
    abort: clean,
    close: clean,
  };
}

/** Folders and files by name, without owners and times: the same archive for the same image. */
async function writeFolder(
  file: FileHandle,
  folder: string,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    signal?.throwIfAborted();
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory()) {
      await writeAll(file, tarMemberHeader({ name: `${name}/`, type: 'directory', size: 0, mode: 0o755 }));
      await writeFolder(file, folder, `${name}/`, signal);
      continue;
    }
    await using content = await open(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await content.stat();
    await writeAll(file, tarMemberHeader({ name, size, mode: 0o644 }));
    for await (const chunk of content.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 })) {
      signal?.throwIfAborted();
      await writeAll(file, chunk);
    }
    await writeAll(file, paddingAfter(size));
  }
}

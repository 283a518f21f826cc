// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { endOfArchive, paddingAfter, tarMemberHeader } from '@lading/layer';
import { removeAbandoned, temporaryPath } from '@lading/registry-client/layout';
import { archiveTarget } from '../archive-target.ts';
import { writeAll } from '../blob-file.ts';
import { createLayoutDestination, type LayoutDestinationOptions } from '../oci/destination.ts';
import type { LayoutReference } from '../oci/layout-path.ts';
import type { ImageDestination } from '../types.ts';

/**
 * Writes an image into a layout in a folder beside the archive, and the archive from that. An archive that is
 * there is replaced by one with this image alone. A pipe or a device is written to in the end.
 */
export async function createOciArchiveDestination(
  reference: LayoutReference,
  options: LayoutDestinationOptions = {},
): Promise<ImageDestination> {
  const { text } = reference;
  const { kind, path } = await archiveTarget(reference.path);
  const beside = kind === 'file' ? dirname(path) : tmpdir();
  const folder = temporaryPath(beside);
  await mkdir(folder, { mode: 0o700 });
  const temporary = temporaryPath(beside);
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
      const isFile = kind === 'file';
      await using file = await open(isFile ? temporary : path, isFile ? 'wx' : 'w', 0o644);
      await writeFolder(file, folder, '', commitOptions?.signal);
      await writeAll(file, endOfArchive);
      if (isFile) {
        await file.sync();
        await rename(temporary, path);
      }
      await clean();
      await removeAbandoned(beside);
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

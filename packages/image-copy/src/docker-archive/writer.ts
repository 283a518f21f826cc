// SPDX-License-Identifier: Apache-2.0
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import { removeAbandoned, temporaryPath } from '@lading/registry-client/layout';
import { archiveTarget } from '../archive-target.ts';
import { writeAll } from '../blob-file.ts';
import type { ImageDestination } from '../types.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import { tagged } from './reference.ts';
import { createSavedDestination, type OpenArchive } from './saved-destination.ts';

/** An archive of the format of `docker save` that several images are written into. */
export interface DockerArchive {
  /**
   * A place for one image, under these names (`busybox`, `quay.io/team/app:1`; `latest` is filled in). Layers that
   * images share are written once. Its `commit()` adds the image to the archive, which is not visible yet.
   */
  destination(names?: readonly string[]): ImageDestination;
  /** Completes the archive and makes it visible under its path. */
  commit(): Promise<void>;
  /** Takes away what is half made; after `commit()` it does nothing. */
  abort(): Promise<void>;
}

/**
 * Begins an archive at a path. An archive that is there is refused, as skopeo and podman refuse it: images cannot
 * be added to one. A pipe or a device is written to as the bytes come.
 *
 * @throws FailedPrecondition for a file that is not empty
 */
export async function createDockerArchive(path: string): Promise<DockerArchive> {
  const target = await archiveTarget(path);
  if (target.sizeBytes !== undefined && target.sizeBytes > 0) {
    throw new LadingError(
      Code.FailedPrecondition,
      `docker-archive doesn't support modifying existing images: remove ${path}, or name another file`,
    );
  }
  const blobs = new Map<Digest, Uint8Array | undefined>();
  const temporary = target.kind === 'stream' ? undefined : temporaryPath(dirname(target.path));
  let opened: Promise<{ file: FileHandle; writer: ArchiveWriter }> | undefined;
  let failed = false;
  let committed = false;
  let queue: Promise<unknown> = Promise.resolve();

  async function begin(): Promise<{ file: FileHandle; writer: ArchiveWriter }> {
    const { createArchiveWriter } = await import('./archive-writer.ts');
    const file = await open(temporary ?? path, temporary === undefined ? 'w' : 'wx', 0o644);
    return { file, writer: createArchiveWriter((bytes) => writeAll(file, bytes)) };
  }
  const archive: OpenArchive = {
    blobs,
    write(action) {
      const result = queue.then(async () => {
        if (failed) throw new LadingError(Code.FailedPrecondition, 'the archive is broken since a failure');
        opened ??= begin();
        const { writer } = await opened;
        try {
          return await action(writer);
        } catch (error) {
          failed = true;
          throw error;
        }
      });
      queue = result.catch(() => undefined); // the failure is its own caller's
      return result;
    },
  };

  return {
    destination: (names = []) =>
      createSavedDestination(archive, {
        reference: `docker-archive:${path}`,
        tags: names.map((name) => tagged(name)),
        layerCompression: 'uncompressed',
        commit: async () => {},
        abort: async () => {},
        close: async () => {},
      }),
    async commit() {
      await archive.write((writer) => writer.end());
      const { file } = (await opened) ?? (await begin());
      if (temporary !== undefined) await file.sync();
      await file.close();
      if (temporary !== undefined) await rename(temporary, target.path);
      committed = true;
      if (temporary !== undefined) await removeAbandoned(dirname(temporary));
    },
    async abort() {
      if (committed) return;
      failed = true;
      await queue;
      const begun = await opened?.catch(() => undefined); // its failure was the writer's
      await begun?.file.close();
      opened = undefined;
      if (temporary !== undefined) await rm(temporary, { force: true });
    },
  };
}

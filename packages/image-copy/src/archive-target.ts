// SPDX-License-Identifier: Apache-2.0
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';

/** Where an archive is written. */
export interface ArchiveTarget {
  /** A file appears as a whole; a stream, which is a pipe or a device, takes bytes as they come. */
  readonly kind: 'file' | 'stream';
  /** Of a file the one that a link leads to. */
  readonly path: string;
  /** What is there already; undefined: nothing. */
  readonly sizeBytes: number | undefined;
}

/** @throws NotFound (`ENOENT`) without the folder, FailedPrecondition for what is a folder itself */
export async function archiveTarget(path: string): Promise<ArchiveTarget> {
  try {
    const found = await stat(path);
    if (found.isFile()) return { kind: 'file', path: await realpath(path), sizeBytes: found.size };
    if (!found.isDirectory()) return { kind: 'stream', path, sizeBytes: undefined };
  } catch (error) {
    if (!hasCode(LadingError.from(error), Code.NotFound)) throw error;
    await stat(dirname(path)).catch((cause: unknown) => {
      const { code, reason } = LadingError.from(cause);
      throw new LadingError(code, `the folder ${dirname(path)} is not there; make it, or name another`, {
        ...(reason === undefined ? {} : { reason }),
        cause,
      });
    });
    return { kind: 'file', path, sizeBytes: undefined };
  }
  throw new LadingError(Code.FailedPrecondition, `${path} is a folder: name a file`);
}

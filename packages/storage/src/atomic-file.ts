// SPDX-License-Identifier: Apache-2.0
import { closeSync, fdatasync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Code, LadingError } from '@lading/errors';

const sync = promisify(fdatasync);

export interface ReplaceOptions {
  /** Wait until the disk has it. Default true; not for what need not outlive the machine. */
  readonly durable?: boolean;
}

/**
 * Replaces a file as a whole, mode 0600: a reader or a crash sees the former content or the new one. The caller holds
 * the lock of the file, so that what a crash leaves under the temporary name is overwritten by the next writer.
 *
 * @throws LadingError that names the file
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: ReplaceOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.tmp-${basename(path)}`);
  const fd = openSync(temporary, 'w', 0o600);
  try {
    try {
      const bytes = Buffer.from(content);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      if (options.durable ?? true) await sync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw namingFile(error, path);
  }
}

/** Node names no file where writing to a descriptor fails, of which a full disk is the usual case. */
function namingFile(cause: unknown, path: string): LadingError {
  const { code, message, reason } = LadingError.from(cause, Code.Internal);
  return new LadingError(code, `cannot write ${path}: ${message}`, { ...(reason && { reason }), cause });
}

// SPDX-License-Identifier: Apache-2.0
import { type WriteFileOptions, writeFileSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';

/**
 * Writes a file at once, as small ones are; `node:fs/promises` takes longer to load. A failure names the file: Node's own
 * does not where writing itself fails, of which a full disk is the usual case.
 *
 * @throws LadingError `resource_exhausted` when the disk is full
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { writeSmallFile } from '@lading/linux';
 *
 * const folder = mkdtempSync(join(tmpdir(), 'example-'));
 * writeSmallFile(join(folder, 'hostname'), 'web\n', { mode: 0o644 });
 * rmSync(folder, { recursive: true });
 * ```
 */
export function writeSmallFile(
  path: string,
  content: string | Uint8Array,
  options: Exclude<WriteFileOptions, string | null> = {},
): void {
  try {
    writeFileSync(path, content, options);
  } catch (cause) {
    const { code, message, reason } = LadingError.from(cause, Code.Internal);
    if (message.includes(path)) throw cause;
    throw new LadingError(code, `cannot write ${path}: ${message}`, { ...(reason && { reason }), cause });
  }
}

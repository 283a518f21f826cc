// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Environment } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';

const fileLimitBytes = 4 * 1024 * 1024;

/**
 * The bytes of a small file that the command line names.
 *
 * @param what what it is, for messages
 */
export async function readNamedFile({ cwd }: Environment, path: string, what: string): Promise<Uint8Array> {
  try {
    await using file = await open(resolve(cwd, path), 'r');
    const { size } = await file.stat();
    if (size > fileLimitBytes) throw new LadingError(Code.ResourceExhausted, 'it is longer than 4 MiB');
    return await file.readFile();
  } catch (cause) {
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `cannot read ${what} ${path}: ${reason ?? message}`, { cause });
  }
}

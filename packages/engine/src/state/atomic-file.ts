// SPDX-License-Identifier: Apache-2.0
import { closeSync, fsync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Code, LadingError } from '@lading/errors';
import { randomBytes, syncDirectory } from '@lading/linux';

/** Larger than any record that this package writes; a bigger file is not one of ours. */
const limitBytes = 16 * 1024 * 1024;

/** With the process that writes it: when that is gone, nobody finishes it. */
const temporaryName = /\.(\d+)-[0-9a-f]{12}\.tmp$/;

/** The process that was writing a file of this name; undefined for a file that is whole. */
export function temporaryOwner(name: string): number | undefined {
  const [, pid] = temporaryName.exec(name) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

// Records are small, and mostly in memory: each trip to the thread pool and back takes longer than what is done there.

/**
 * Replaces a JSON file so that a reader sees the old or the new one, never half.
 * `durable` also survives a power cut; leave it out for what a reboot makes void anyway.
 */
export async function writeJson(
  path: string,
  value: unknown,
  options: { durable?: boolean } = {},
): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  const text = `${JSON.stringify(value)}\n`;
  try {
    if (options.durable) await writeDurable(temporary, text);
    else writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const { code, message, reason } = LadingError.from(error, Code.Internal);
    throw new LadingError(code, `cannot write ${path}: ${message}`, {
      ...(reason && { reason }),
      cause: error,
    });
  }
  if (options.durable) await syncDirectory(dirname(path));
}

async function writeDurable(path: string, text: string): Promise<void> {
  const fd = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(fd, text);
    await promisify(fsync)(fd); // the one step that waits for a disk
  } finally {
    closeSync(fd);
  }
}

/**
 * Undefined when there is no such file, and for an empty one: that is what a power cut leaves of a file
 * that was not written to be durable.
 * @throws DataLoss when it is no JSON
 */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw LadingError.from(error, Code.Internal);
  }
  if (text.trim() === '') return undefined;
  if (text.length > limitBytes) {
    throw new LadingError(Code.DataLoss, `${path} is larger than any record of Lading; move it away`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LadingError(Code.DataLoss, `${path} is not JSON; move it away`, { cause: error });
  }
}

/** Whether a file system call failed because the path does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

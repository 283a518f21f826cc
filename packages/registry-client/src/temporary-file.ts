// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './process-alive.ts';

const prefix = '.lading-';
const namePattern = /^\.lading-([0-9a-f]{16})-([1-9][0-9]{0,9})-[0-9a-f-]{36}$/;
let ownPlace: string | undefined;

/** Where a process ID means something: a machine, and in it a namespace of processes. */
function place(): string {
  ownPlace ??= createHash('sha256').update(`${hostname()}\n${processNamespace()}`).digest('hex').slice(0, 16);
  return ownPlace;
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return ''; // systems other than Linux have one
  }
}

/**
 * A name for an unfinished file or folder that no other process guesses. It says whose it is, so that
 * {@link removeAbandoned} knows it when its process was killed.
 *
 * @param folder the one that the finished file will be in
 *
 * @example
 * ```ts
 * import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { isTemporaryName, removeAbandoned, temporaryPath } from '@lading/registry-client/layout';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'example-'));
 * await writeFile(temporaryPath(folder), 'half of');
 * await removeAbandoned(folder);
 * // Its process is alive, so it is still there.
 * console.log((await readdir(folder)).map(isTemporaryName)); // → [ true ]
 * await rm(folder, { recursive: true });
 * ```
 */
export function temporaryPath(folder: string): string {
  return join(folder, `${prefix}${place()}-${process.pid}-${randomUUID()}`);
}

/** Whether it is the name of an unfinished file, of whatever process. */
export function isTemporaryName(name: string): boolean {
  return namePattern.test(name);
}

/**
 * Removes what processes that are gone have left under names of {@link temporaryPath} in a folder: those of this user
 * and this machine. What cannot be removed stays, and is in nobody's way.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [, where, pid] = namePattern.exec(name) ?? [];
    if (where !== place() || isAlive(Number(pid))) continue;
    const path = join(folder, name);
    // In a folder for all, like /tmp, another user could lead a removal astray with links.
    const found = await lstat(path).catch(() => undefined);
    if (found?.uid !== process.getuid?.()) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

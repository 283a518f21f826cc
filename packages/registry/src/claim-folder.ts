// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { hasErrno } from './durable.ts';

const ownerFile = '_owner';

interface Owner {
  readonly pid: number;
  /** When that process started, in the kernel's ticks: the same number may be given to another one later. */
  readonly started: string;
}

/**
 * Claims a folder for this process, which keeps in memory what is in it; gives what releases it. The claim of
 * a process that was killed is taken over.
 *
 * @throws FailedPrecondition naming the process that has it
 */
export async function claimFolder(root: string): Promise<() => Promise<void>> {
  const path = join(root, ownerFile);
  const own: Owner = { pid: process.pid, started: (await startOf(process.pid)) ?? '' };
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(own), { flag: 'wx' });
  try {
    // A link appears whole or not at all, which a file that is written does not.
    while (!(await isMade(link(temporary, path)))) {
      await checkUnclaimed(root);
      await rm(path, { force: true });
    }
  } finally {
    await rm(temporary, { force: true });
  }
  return () => rm(path, { force: true });
}

/**
 * Writes nothing, for who only reads the folder.
 *
 * @throws FailedPrecondition naming the process that has it
 */
export async function checkUnclaimed(root: string): Promise<void> {
  const owner = parseOwner(await readFile(join(root, ownerFile), 'utf8').catch(() => ''));
  if (owner !== undefined && (await startOf(owner.pid)) === owner.started) throw taken(root, owner);
}

/** Undefined: no process has this number, or only what is left of one that ended. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name of the program comes before, in parentheses, and may contain anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return isRunning(pid) ? '' : undefined;
  }
}

/** Where there is no /proc. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasErrno(error, 'EPERM');
  }
}

async function isMade(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { pid, started } = JSON.parse(text) as { pid?: unknown; started?: unknown };
    const valid = typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0;
    return valid && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

function taken(root: string, { pid }: Owner): LadingError {
  return new LadingError(
    Code.FailedPrecondition,
    `${root} is served by process ${pid}: a folder is for one registry at a time, end that one first`,
    { details: { pid } },
  );
}

// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, readlink } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import type { ProcessFigures } from '../types/usage.ts';

/** Looks at processes one by one. Those that end meanwhile are passed over. */
export async function processFigures(pids: readonly number[], first: number): Promise<ProcessFigures> {
  let [processes, fileDescriptors, sockets] = [0, 0, 0];
  for (const pid of pids) {
    const names = await unlessGone(readdir(`/proc/${pid}/fd`));
    if (names === undefined) continue;
    processes += 1;
    fileDescriptors += names.length;
    const targets = await Promise.all(names.map((name) => unlessGone(readlink(`/proc/${pid}/fd/${name}`))));
    sockets += targets.filter((target) => target?.startsWith('socket:')).length;
  }
  const limits = (await unlessGone(readFile(`/proc/${first}/limits`, 'utf8'))) ?? '';
  const openFiles = /^Max open files\s+(\d+)\s/m.exec(limits)?.[1];
  return {
    processes,
    fileDescriptors,
    sockets,
    ...(openFiles !== undefined && { openFilesLimit: Number(openFiles) }),
  };
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    // ESRCH: it ended while its folder was open.
    if (failure.reason === 'ENOENT' || failure.reason === 'ESRCH') return undefined;
    throw failure;
  }
}

// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { isLive, startTicks } from './live-process.ts';

/** Where a call keeps files for as long as it lasts. */
export interface WorkFolder {
  /** A path that nothing has yet, below a folder that only we can enter. */
  path(kind: 'exec' | 'log'): Promise<string>;
}

const ownedName = /^(?:exec|log)-([1-9]\d{0,9})-(\d+)-/;

/** Its names tell who made them: what a killed process has left is removed at the first use by another. */
export function openWorkFolder(folder: string): WorkFolder {
  let swept: Promise<string> | undefined;

  async function sweep(): Promise<string> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      const [, pid, ticks] = ownedName.exec(name) ?? [];
      if (pid === undefined || ticks === undefined) continue;
      if (await isLive({ pid: Number(pid), startTicks: ticks })) continue;
      await rm(join(folder, name), { recursive: true, force: true });
    }
    return `${process.pid}-${(await startTicks(process.pid)) ?? '0'}`;
  }

  return {
    async path(kind) {
      swept ??= sweep().catch((error: unknown) => {
        swept = undefined;
        throw LadingError.from(error, Code.Internal);
      });
      const owner = await swept;
      // Again: a clean-up of run folders may have taken it.
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return join(folder, `${kind}-${owner}-${randomUUID()}`);
    },
  };
}

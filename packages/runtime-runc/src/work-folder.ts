// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processStartTicks, randomBytes } from '@lading/linux';
import { isLive } from './live-process.ts';

/** Where a call keeps files for as long as it lasts. */
export interface WorkFolder {
  /** A path that nothing has yet, below a folder that only we can enter. */
  path(kind: 'exec' | 'log'): Promise<string>;
}

const ownedName = /^(?:exec|log)-([1-9]\d{0,9})-(\d+)-/;

/** Its names tell who made them: what a killed process has left is removed at the first use by another. */
export function openWorkFolder(folder: string): WorkFolder {
  let owner: string | undefined;

  async function sweep(): Promise<void> {
    for (const name of readdirSync(folder)) {
      const [, pid, ticks] = ownedName.exec(name) ?? [];
      if (pid === undefined || ticks === undefined) continue;
      if (isLive({ pid: Number(pid), startTicks: ticks })) continue;
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }

  return {
    async path(kind) {
      // Each time: a clean-up of run folders may have taken it. Not awaited: this is in the way of every start.
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (owner === undefined) {
        owner = `${process.pid}-${processStartTicks(process.pid) ?? '0'}`;
        await sweep();
      }
      return join(folder, `${kind}-${owner}-${randomBytes(8).toString('hex')}`);
    },
  };
}

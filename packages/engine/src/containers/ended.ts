// SPDX-License-Identifier: Apache-2.0
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { readJson } from '../state/atomic-file.ts';
import { namesIn } from '../state/names-in.ts';
import type { ExitStatus } from '../types/exit-status.ts';

/** How long the end of a container that is removed can still be asked for. */
const keepMs = 5 * 60_000;
/** Looked through at each of these numbers of ends, not for every one more. */
const sweepEvery = 64;

/** How a container ended that has since been removed. */
export async function endOfRemoved(context: Context, id: string): Promise<ExitStatus | undefined> {
  const value = await readJson(join(context.runDir, 'ended', `${id}.json`));
  return isExitStatus(value) ? value : undefined;
}

/** Forgets ends that nobody has asked for in a while. */
export async function sweepEnded(context: Context): Promise<void> {
  const folder = join(context.runDir, 'ended');
  const names = await namesIn(folder);
  if (names.length % sweepEvery !== 0) return;
  const limit = context.now().getTime() - keepMs;
  for (const name of names) {
    const path = join(folder, name);
    const info = statSync(path, { throwIfNoEntry: false });
    if (info !== undefined && info.mtimeMs < limit) rmSync(path, { force: true });
  }
}

function isExitStatus(value: unknown): value is ExitStatus {
  return (
    typeof value === 'object' && value !== null && 'exitCode' in value && typeof value.exitCode === 'number'
  );
}

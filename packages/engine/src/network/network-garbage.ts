// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Code, hasCode } from '@lading/errors';
import { type FileLock, lockFile } from '@lading/linux';
import { type Context, withRun } from '../core/context.ts';
import type { AttachmentInUse } from '../types/network.ts';

/** Held while something is attached, by each who does that: what is not written down yet must not be freed. */
export function lockAttaching(context: Context): Promise<FileLock> {
  return lockFile(lockPath(context), { mode: 'shared' });
}

/**
 * Has the default network free what no pod and no container uses. Left for the next time while anybody attaches
 * something.
 */
export async function collectNetworkGarbage(context: Context, signal: AbortSignal): Promise<void> {
  const { network } = context;
  if (network?.collectGarbage === undefined) return;
  let lock: FileLock;
  try {
    // After a boot nothing has been locked yet.
    await mkdir(dirname(lockPath(context)), { recursive: true, mode: 0o700 });
    lock = await lockFile(lockPath(context), { mode: 'exclusive', wait: false });
  } catch (error) {
    if (hasCode(error, Code.Unavailable)) return;
    throw error;
  }
  try {
    await network.collectGarbage(() => attachmentsInUse(context), { signal });
  } finally {
    lock.release();
  }
}

/** By what is written down before anything is attached. */
async function attachmentsInUse(context: Context): Promise<readonly AttachmentInUse[]> {
  const [pods, containers] = await Promise.all([context.pods.list(), context.containers.list()]);
  const records = await Promise.all(containers.map((stored) => withRun(context, stored)));
  return [
    ...pods,
    ...records.map(({ id, run, networks = [] }) => ({ id, networks: run?.networks ?? networks })),
  ].flatMap(({ id, networks }) =>
    networks.map(({ network, ifName }) => ({ containerId: id, network, ifName })),
  );
}

function lockPath({ runDir }: Context): string {
  return join(runDir, 'locks', 'networks.lock');
}

// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import { phaseOf } from '../containers/status.ts';
import { stopUntilDown } from '../containers/stop-until-down.ts';
import { type Context, withRun } from '../core/context.ts';
import { together } from '../core/undo.ts';
import type { StopOptions } from '../types/containers.ts';
import type { PodRecord } from '../types/pods.ts';
import { releasePod } from './hold-pod.ts';
import { readPod } from './read-pod.ts';

/** Ids of the containers of a pod. */
export async function membersOf(context: Context, id: string): Promise<readonly string[]> {
  const all = await context.containers.list();
  return all.filter(({ podId }) => podId === id).map((record) => record.id);
}

/** Stops the containers of a pod, and gives up what it holds. The caller holds the lock of the pod. */
export async function stopPodLocked(context: Context, id: string, options: StopOptions): Promise<PodRecord> {
  const pod = await readPod(context, id);
  await stopMembers(context, id, options);
  if (pod.stoppedAt !== undefined) return pod;
  await releasePod(context, pod);
  const stopped: PodRecord = { ...pod, stoppedAt: context.now().toISOString() };
  await context.pods.replace(stopped, { durable: true });
  // Those whose start had found the pod ready before this was written.
  await stopMembers(context, id, options);
  context.events.emit({ type: 'pod', action: 'stop', id, name: pod.name });
  return stopped;
}

async function stopMembers(context: Context, id: string, options: StopOptions): Promise<void> {
  await together(
    (await membersOf(context, id)).map(async (container) => {
      try {
        await stopUntilDown(context, container, options);
      } catch (error) {
        // It removed itself meanwhile.
        if (!hasCode(error, Code.NotFound)) throw error;
      }
    }),
  );
}

/** One of its containers has ended: does what the exit policy of the pod says, when no other one runs. */
export async function stopIdlePod(context: Context, id: string): Promise<void> {
  const isConcerned = async (): Promise<boolean> => {
    const pod = await context.pods.get(id);
    return pod?.options.exitPolicy === 'stop' && pod.readyAt !== undefined && pod.stoppedAt === undefined;
  };
  if (!(await isConcerned())) return;
  await context.locks.hold(id, async () => {
    // It may have been removed meanwhile, and to take the lock has made its file again.
    if ((await context.pods.get(id)) === undefined) return context.locks.forget(id);
    if (!(await isConcerned())) return;
    const members = (await context.containers.list()).filter(({ podId }) => podId === id);
    for (const stored of members) {
      const phase = await phaseOf(context, await withRun(context, stored));
      if (phase === 'alive' || phase === 'starting') return;
    }
    await stopPodLocked(context, id, {});
  });
}

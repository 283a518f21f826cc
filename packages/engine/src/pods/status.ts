// SPDX-License-Identifier: Apache-2.0
import type { Context } from '../core/context.ts';
import type { PodInfo, PodRecord } from '../types/pods.ts';

/** Whether the pod holds its namespaces, so that containers can join. */
export function isReady(context: Context, pod: PodRecord): boolean {
  return pod.readyAt !== undefined && pod.stoppedAt === undefined && pod.bootId === context.bootId;
}

export async function describePod(context: Context, pod: PodRecord): Promise<PodInfo> {
  const containers = await context.containers.list();
  return {
    ...pod,
    status: isReady(context, pod) ? 'ready' : 'notready',
    containerIds: containers.filter(({ podId }) => podId === pod.id).map(({ id }) => id),
  };
}

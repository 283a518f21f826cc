// SPDX-License-Identifier: Apache-2.0
import type { Context } from '../core/context.ts';
import { ownCgroupOf } from '../spec/cgroup-path.ts';
import type { PodInfo, PodRecord } from '../types/pods.ts';
import { infraLives } from './infra.ts';

/** Whether the pod holds its namespaces, so that containers can join. */
export async function isReady(context: Context, pod: PodRecord): Promise<boolean> {
  const isHeld = pod.readyAt !== undefined && pod.stoppedAt === undefined && pod.bootId === context.bootId;
  return isHeld && (pod.infra === undefined || (await infraLives(pod.infra)));
}

export async function describePod(context: Context, pod: PodRecord): Promise<PodInfo> {
  const containers = await context.containers.list();
  const cgroupPath = ownCgroupOf(pod, context.cgroupParent);
  return {
    ...pod,
    ...(cgroupPath !== undefined && { cgroupPath }),
    status: (await isReady(context, pod)) ? 'ready' : 'notready',
    containerIds: containers.filter(({ podId }) => podId === pod.id).map(({ id }) => id),
  };
}

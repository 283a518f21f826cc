// SPDX-License-Identifier: Apache-2.0
import type { Context, StoredContainer } from '../core/context.ts';
import { stillLives } from '../core/still-lives.ts';
import { ownCgroupOf } from '../spec/cgroup-path.ts';
import type { PodInfo, PodRecord } from '../types/pods.ts';
import { infraLives } from './infra.ts';

/** Whether the pod holds its namespaces, so that containers can join. */
export function isReady(context: Context, pod: PodRecord, lives: typeof infraLives = infraLives): boolean {
  const isHeld = pod.readyAt !== undefined && pod.stoppedAt === undefined && pod.bootId === context.bootId;
  return isHeld && (pod.infra === undefined || lives(pod.infra));
}

export async function describePod(context: Context, pod: PodRecord): Promise<PodInfo> {
  return infoOf(context, pod, isReady(context, pod), await context.containers.list());
}

/** What was told of a pod last. */
const told = new WeakMap<PodRecord, PodInfo>();

/** As {@link describePod}, for lists. As long as nothing of a pod has changed, it is the same object. */
export async function describePods(context: Context, pods: readonly PodRecord[]): Promise<PodInfo[]> {
  const containers = await context.containers.list();
  return pods.map((pod) => {
    const info = infoOf(context, pod, isReady(context, pod, stillLives), containers);
    const last = told.get(pod);
    if (last?.status === info.status && isSame(last.containerIds, info.containerIds)) return last;
    told.set(pod, info);
    return info;
  });
}

function infoOf(
  context: Context,
  pod: PodRecord,
  ready: boolean,
  containers: readonly StoredContainer[],
): PodInfo {
  const cgroupPath = ownCgroupOf(pod, context.cgroupParent);
  return {
    ...pod,
    ...(cgroupPath !== undefined && { cgroupPath }),
    status: ready ? 'ready' : 'notready',
    containerIds: membersByPod(containers).get(pod.id) ?? [],
  };
}

const grouped = new WeakMap<readonly StoredContainer[], ReadonlyMap<string, readonly string[]>>();

/** Ids of the containers of each pod. */
function membersByPod(containers: readonly StoredContainer[]): ReadonlyMap<string, readonly string[]> {
  const before = grouped.get(containers);
  if (before !== undefined) return before;
  const members = new Map<string, string[]>();
  for (const { id, podId } of containers) {
    if (podId === undefined) continue;
    const own = members.get(podId);
    if (own === undefined) members.set(podId, [id]);
    else own.push(id);
  }
  grouped.set(containers, members);
  return members;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

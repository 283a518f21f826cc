// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { removeContainer } from '../containers/remove.ts';
import { type Context, namesLock } from '../core/context.ts';
import { createUndo, together } from '../core/undo.ts';
import type { PodRecord, Pods } from '../types/pods.ts';
import { removeAnonymousVolumes } from '../volumes/container-volumes.ts';
import { holdPod, planPod, releasePod } from './hold-pod.ts';
import { givePodIdsBack } from './pod-ids.ts';
import { readPod } from './read-pod.ts';
import { runPod } from './run-pod.ts';
import { describePod, describePods, isReady } from './status.ts';
import { membersOf, stopPodLocked } from './stop-pod.ts';

/** The calls of {@link Pods} over the parts that do the work. */
export function createPods(context: Context): Pods {
  /** Somebody else may have removed it while its lock was waited for, which has made the file of the lock again. */
  async function unlessGone<T>(id: string, task: () => Promise<T>): Promise<T> {
    if ((await context.pods.get(id)) === undefined) await context.locks.forget(id);
    return task();
  }

  /** Forgets a pod; false when a container has joined it meanwhile. */
  async function deletedEmpty(pod: PodRecord): Promise<boolean> {
    return context.locks.hold(namesLock, async () => {
      if ((await membersOf(context, pod.id)).length > 0) return false;
      await context.pods.delete(pod);
      context.runtimes.forget(pod.id);
      return true;
    });
  }

  /** Takes again what it gave up when it was stopped, or lost at a reboot. */
  async function startLocked(id: string, signal: AbortSignal | undefined): Promise<PodRecord> {
    const former = await readPod(context, id);
    if (isReady(context, former)) return former;
    await releasePod(context, former); // what broke off
    const { readyAt: _ready, stoppedAt: _stopped, infra: _infra, ...rest } = former;
    const networks = await planPod(context, id, former.options);
    const pod: PodRecord = { ...rest, bootId: context.bootId, networks };
    await context.pods.replace(pod, { durable: false });
    const undo = createUndo();
    undo.add(() =>
      context.pods.replace({ ...pod, stoppedAt: context.now().toISOString() }, { durable: true }),
    );
    undo.add(() => releasePod(context, pod));
    try {
      const started = await holdPod(context, pod, signal);
      context.events.emit({ type: 'pod', action: 'start', id, name: pod.name });
      return started;
    } catch (error) {
      throw await undo.unwind(error);
    }
  }

  return {
    async run(options, call) {
      const pod = await runPod(context, options, call);
      context.events.emit({ type: 'pod', action: 'create', id: pod.id, name: pod.name });
      return describePod(context, pod);
    },
    async start(ref, { signal } = {}) {
      const id = await context.pods.resolve(ref);
      return describePod(context, await context.locks.hold(id, () => startLocked(id, signal), signal));
    },
    async stop(ref, options = {}) {
      const id = await context.pods.resolve(ref);
      return describePod(
        context,
        await context.locks.hold(
          id,
          () => unlessGone(id, () => stopPodLocked(context, id, options)),
          options.signal,
        ),
      );
    },
    async remove(ref, options = {}) {
      let id: string;
      try {
        id = await context.pods.resolve(ref);
      } catch (error) {
        if (options.ignoreMissing && hasCode(error, Code.NotFound)) return;
        throw error;
      }
      await context.locks.hold(
        id,
        async () => {
          const pod = await context.pods.get(id);
          if (pod === undefined) return context.locks.forget(id);
          do {
            const containers = await membersOf(context, id);
            if (containers.length > 0 && !options.force) {
              throw new LadingError(
                Code.FailedPrecondition,
                `pod ${pod.name} has ${containers.length} containers; remove them first, or the pod by force`,
                { reason: 'POD_NOT_EMPTY' },
              );
            }
            await together(containers.map((container) => removeContainer(context, container, options)));
            await stopPodLocked(context, id, options);
          } while (!(await deletedEmpty(pod)));
          await givePodIdsBack(context, pod);
          await removeAnonymousVolumes(context, pod.options.containerDefaults ?? {});
          await context.locks.forget(id);
          context.events.emit({ type: 'pod', action: 'remove', id, name: pod.name });
        },
        options.signal,
      );
    },
    async setMetadata(ref, metadata, call = {}) {
      const id = await context.pods.resolve(ref);
      const changed = await context.locks.hold(
        id,
        async () => {
          const pod = await readPod(context, id);
          const next: PodRecord = { ...pod, options: { ...pod.options, metadata } };
          await context.pods.replace(next, { durable: true });
          return next;
        },
        call.signal,
      );
      return describePod(context, changed);
    },
    async list({ labels = {} } = {}) {
      const wanted = Object.entries(labels);
      const pods = (await context.pods.list()).filter((pod) =>
        wanted.every(([key, value]) => {
          const own = pod.options.labels?.[key];
          return own !== undefined && (value === '' || own === value);
        }),
      );
      const infos = await describePods(context, pods);
      return infos.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    },
    inspect: async (ref) => describePod(context, await readPod(context, await context.pods.resolve(ref))),
    async exists(ref) {
      try {
        await context.pods.resolve(ref);
        return true;
      } catch (error) {
        if (hasCode(error, Code.NotFound)) return false;
        throw error;
      }
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { containerEvent } from '../core/container-event.ts';
import { type Context, namesLock, readContainer, runtimeOf, withRun } from '../core/context.ts';
import { checkHasLog, checkHasStreams } from '../logs/log-driver.ts';
import { readLog } from '../logs/read-log.ts';
import type { CallOptions, ContainerRecord, Containers } from '../types/containers.ts';
import { accountsOf } from './accounts.ts';
import { cleanupLocked } from './cleanup.ts';
import { checkFree, createContainer } from './create.ts';
import { execInContainer, execSyncInContainer } from './exec.ts';
import { createContainerList } from './list.ts';
import { settleOwnMonitor } from './monitored-end.ts';
import { removeContainer } from './remove.ts';
import { noteStopped, wantsRestart } from './restart.ts';
import { runContainer } from './run.ts';
import { initLocked, startLocked } from './start.ts';
import { containerStats } from './stats.ts';
import { describe, hasProcess, statusOf } from './status.ts';
import { stopUntilDown } from './stop-until-down.ts';
import { waitContainer } from './wait.ts';

/** The calls of {@link Containers} over the parts that do the work. */
export function createContainers(context: Context): Containers {
  const idOf = (ref: string): Promise<string> => context.containers.resolve(ref);
  const read = async (ref: string): Promise<ContainerRecord> => readContainer(context, await idOf(ref));

  async function running(ref: string, wanted: 'running' | 'alive'): Promise<ContainerRecord> {
    const record = await read(ref);
    const status = await statusOf(context, record);
    if (status !== 'running' && !(status === 'paused' && wanted === 'alive')) {
      throw new LadingError(Code.FailedPrecondition, `container ${record.name} is ${status}, not running`, {
        reason: 'CONTAINER_NOT_RUNNING',
      });
    }
    return record;
  }

  const containers: Containers = {
    async create(options, call) {
      const record = await createContainer(context, options, call);
      context.events.emit(containerEvent(record, 'create'));
      return describe(context, record);
    },
    async start(ref, options = {}) {
      const id = await idOf(ref);
      const record = await context.locks.hold(id, () => startLocked(context, id, options), options.signal);
      return describe(context, record);
    },
    async init(ref, { signal } = {}) {
      const id = await idOf(ref);
      const record = await context.locks.hold(id, () => initLocked(context, id, signal), signal);
      return describe(context, record);
    },
    async run(options, run) {
      const podId = options.pod === undefined ? undefined : await context.pods.resolve(options.pod);
      const result = await runContainer(context, options, run);
      if (!result.detached) await settlePod(podId);
      return result;
    },
    async stop(ref, options) {
      const id = await idOf(ref);
      const before = await readContainer(context, id);
      const record = (await stopUntilDown(context, id, options)) ?? before;
      await settlePod(before.podId);
      context.events.emit(containerEvent(record, 'stop'));
      return describe(context, record);
    },
    async connect(ref, network) {
      const id = await idOf(ref);
      const { connectLocked } = await import('../network/connect.ts');
      await context.locks.hold(id, () => connectLocked(context, id, network));
    },
    async disconnect(ref, network) {
      const id = await idOf(ref);
      const { disconnectLocked } = await import('../network/connect.ts');
      await context.locks.hold(id, () => disconnectLocked(context, id, network));
    },
    async reconnect(ref) {
      const id = await idOf(ref);
      const { reconnectLocked } = await import('../network/connect.ts');
      await context.locks.hold(id, () => reconnectLocked(context, id));
    },
    async kill(ref, signal = 'KILL') {
      const record = await running(ref, 'alive');
      await noteStopped(context, record);
      await runtimeOf(context, record).kill(record.id, signal);
      context.events.emit(containerEvent(record, 'kill', { signal: String(signal) }));
    },
    async remove(ref, options = {}) {
      try {
        const id = await idOf(ref);
        const podId = (await context.containers.get(id))?.podId;
        const removed = await removeContainer(context, id, options);
        await settlePod(podId);
        return removed;
      } catch (error) {
        if (!(options.ignoreMissing && hasCode(error, Code.NotFound))) throw error;
        return [];
      }
    },
    async wait(ref, options) {
      const id = await idOf(ref);
      const podId = (await context.containers.get(id))?.podId;
      const exit = await waitContainer(context, id, options);
      await settlePod(podId);
      return exit;
    },
    exec: async (ref, options) => execInContainer(context, await idOf(ref), options),
    execSync: async (ref, options) => execSyncInContainer(context, await idOf(ref), options),
    async checkHealth(ref, options) {
      const id = await idOf(ref);
      const { checkHealth } = await import('../health/check-health.ts');
      const report = await checkHealth(context, id, options);
      if (report.health.status === 'unhealthy') await actOnUnhealthy(id, options);
      return report;
    },
    async attach(ref, streams, options) {
      const record = await running(ref, 'alive');
      checkHasStreams(record);
      context.events.emit(containerEvent(record, 'attach'));
      return runtimeOf(context, record).attach(record.id, record.bundle, streams, options);
    },
    async *logs(ref, options = {}) {
      const record = await read(ref);
      checkHasLog(record);
      yield* readLog(record.logPath, {
        ...options,
        ended: async () => {
          const stored = await context.containers.get(record.id);
          if (stored === undefined) return true;
          const now = await withRun(context, stored);
          // A container that is only made may still be started; its end is what ends the log.
          if (now.startedAt === undefined || (await hasProcess(context, now))) return false;
          // The monitor writes the log's last lines before the exit file.
          return (
            now.exit !== undefined ||
            (await runtimeOf(context, now).exitStatus(now.id)) !== undefined ||
            now.run?.bootId !== context.bootId
          );
        },
      });
    },
    async withFiles(ref, task, { signal } = {}) {
      const id = await idOf(ref);
      const { openFilesLocked } = await import('./open-files.ts');
      return context.locks.hold(
        id,
        async () => {
          await using files = await openFilesLocked(context, id);
          return await task(files);
        },
        signal,
      );
    },
    list: createContainerList(context),
    inspect: async (ref) => describe(context, await read(ref)),
    async exists(ref) {
      try {
        await idOf(ref);
        return true;
      } catch (error) {
        if (hasCode(error, Code.NotFound)) return false;
        throw error;
      }
    },
    async rename(ref, name) {
      const id = await idOf(ref);
      await context.locks.hold(id, () =>
        context.locks.hold(namesLock, async () => {
          const { run: _run, ...record } = await readContainer(context, id);
          await checkFree(context, name);
          await context.containers.rename(
            { ...record, name, options: { ...record.options, name } },
            record.name,
          );
          context.events.emit(containerEvent({ ...record, name }, 'rename'));
        }),
      );
    },
    pause: async (ref) => freeze(await idOf(ref), 'pause'),
    unpause: async (ref) => freeze(await idOf(ref), 'unpause'),
    async update(ref, resources, changes) {
      const id = await idOf(ref);
      const { updateLocked } = await import('./update.ts');
      await context.locks.hold(id, () => updateLocked(context, id, resources, changes));
    },
    async checkpoint(ref, options) {
      const id = await idOf(ref);
      const { checkpointLocked } = await import('../checkpoint/checkpoint.ts');
      await context.locks.hold(id, () => checkpointLocked(context, id, options), options.signal);
    },
    async stats(ref) {
      return containerStats(context, await running(ref, 'alive'));
    },
    async processes(ref) {
      const record = await running(ref, 'alive');
      return runtimeOf(context, record).processes(record.id);
    },
    async accounts(ref) {
      return accountsOf(await running(ref, 'alive'));
    },
    async resize(ref, size) {
      const record = await running(ref, 'alive');
      await runtimeOf(context, record).resize(record.id, record.bundle, size);
    },
    async reopenLog(ref) {
      const record = await running(ref, 'alive');
      await runtimeOf(context, record).reopenLog(record.id, record.bundle);
    },
    async cleanup(ref, options) {
      const id = await idOf(ref);
      const signal = options?.signal;
      const tidy = async (): Promise<ContainerRecord | undefined> => {
        const record = await cleanupLocked(context, id);
        if (record === undefined || !wantsRestart(context, record)) return record;
        return startLocked(context, id, { again: true, ...(signal && { signal }) });
      };
      const stored = await context.containers.get(id);
      if (stored !== undefined) await settleOwnMonitor(context, await withRun(context, stored));
      const record = await context.locks.hold(id, tidy, signal);
      await settlePod(stored?.podId);
      return record && describe(context, record);
    },
  };
  return containers;

  /** The pod of one that has ended; what a policy takes is loaded for who is in a pod. */
  async function settlePod(podId: string | undefined): Promise<void> {
    if (podId === undefined) return;
    const { stopIdlePod } = await import('../pods/stop-pod.ts');
    await stopIdlePod(context, podId);
  }

  /** Again at each check, should it have failed. */
  async function actOnUnhealthy(id: string, { signal }: CallOptions = {}): Promise<void> {
    const { options } = await readContainer(context, id);
    const call = signal && { signal };
    if (options.onUnhealthy === 'kill') await containers.kill(id);
    if (options.onUnhealthy === 'stop' || options.onUnhealthy === 'restart') await containers.stop(id, call);
    if (options.onUnhealthy === 'restart') await containers.start(id, call);
  }

  async function freeze(id: string, action: 'pause' | 'unpause'): Promise<void> {
    await context.locks.hold(id, async () => {
      const record = await readContainer(context, id);
      const status = await statusOf(context, record);
      const needed = action === 'pause' ? 'running' : 'paused';
      if (status !== needed) {
        throw new LadingError(
          Code.FailedPrecondition,
          `container ${record.name} is ${status}, not ${needed}`,
        );
      }
      const handler = runtimeOf(context, record);
      await (action === 'pause' ? handler.pause(id) : handler.resume(id));
      context.events.emit(containerEvent(record, action));
    });
  }
}

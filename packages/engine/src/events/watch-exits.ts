// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { processStartTicks } from '@lading/linux';
import { cleanupContainer } from '../containers/cleanup.ts';
import { type Context, knownRuntime, withRun } from '../core/context.ts';
import type { WatchExitsOptions } from '../types/events.ts';
import type { RuntimeHandler } from '../types/runtime-handler.ts';

/** A process whose end nobody records is looked for this often. */
const lookMs = 5000;

/** Cleans up after containers as they end, and after those that have ended before. */
export async function watchExits(context: Context, options: WatchExitsOptions): Promise<AsyncDisposable> {
  const running = new Map<string, { readonly pid: number; readonly ticks: string | undefined }>();
  const underWay = new Map<string, Promise<void>>();
  const watches = new Map<RuntimeHandler, Disposable | undefined>();
  const stop = new AbortController();

  /** Once; runtimes may have been replaced since. */
  function watch(handler: RuntimeHandler | undefined): void {
    if (handler !== undefined && !watches.has(handler)) watches.set(handler, handler.watchExits?.(settle));
  }

  function settle(id: string): void {
    if (stop.signal.aborted || underWay.has(id)) return;
    const work = clean(id).finally(() => underWay.delete(id));
    underWay.set(id, work);
  }

  async function clean(id: string): Promise<void> {
    try {
      await ended(id);
      if (stop.signal.aborted) return;
      await cleanupContainer(context, id);
      running.delete(id);
    } catch (error) {
      // It was started again meanwhile, or removed.
      if (error instanceof LadingError && error.reason === 'CONTAINER_RUNNING') return;
      running.delete(id);
      if (!hasCode(error, Code.NotFound)) options.onError?.(LadingError.from(error), id);
    }
  }

  /** Its process is gone; who wants to do something to it meanwhile is not kept from it by our lock. */
  async function ended(id: string): Promise<void> {
    const stored = await context.containers.get(id);
    const run = stored && (await withRun(context, stored)).run;
    if (stored === undefined || run?.bootId !== context.bootId || run.pid === 0) return;
    const { pid, monitorPid } = run;
    const handler = knownRuntime(context, stored);
    if (handler === undefined || (await handler.exitStatus(id)) !== undefined) return;
    try {
      await handler.waitExit(id, {
        pid,
        ...(monitorPid !== undefined && { monitorPid }),
        signal: stop.signal,
      });
    } catch (error) {
      // Cleaned up by somebody else.
      if (!stop.signal.aborted && !hasCode(error, Code.NotFound)) throw error;
    }
  }

  async function know(id: string): Promise<void> {
    try {
      const stored = await context.containers.get(id);
      if (stored === undefined) return;
      watch(knownRuntime(context, stored));
      const { run, startedAt, exit } = await withRun(context, stored);
      if (run === undefined) {
        // The machine was restarted under it.
        if (startedAt !== undefined && exit === undefined) settle(id);
      } else if (run.bootId !== context.bootId) {
        settle(id);
      } else if (run.pid !== 0) {
        running.set(id, { pid: run.pid, ticks: run.pidStartTicks });
      } // With 0 a start is under way, in this process or another.
    } catch (error) {
      options.onError?.(LadingError.from(error), id);
    }
  }

  async function look(): Promise<void> {
    for (const [id, { pid, ticks }] of running) {
      const now = processStartTicks(pid);
      if (now === undefined || (ticks ?? now) !== now) settle(id);
    }
  }

  for (const handler of Object.values(context.runtimes.all)) watch(handler);
  const starts = context.events.listen({ signal: stop.signal });
  const following = (async (): Promise<void> => {
    for await (const { type, action, id } of starts)
      if (type === 'container' && action === 'start') await know(id);
  })();
  for (const id of await context.containers.ids()) await know(id);
  await look();
  const timer = setInterval(() => {
    look().catch((error: unknown) => options.onError?.(LadingError.from(error)));
  }, lookMs);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      clearInterval(timer);
      for (const one of watches.values()) one?.[Symbol.dispose]();
      await following;
      await Promise.all(underWay.values());
    },
  };
}

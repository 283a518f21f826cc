// SPDX-License-Identifier: Apache-2.0
import { isDiskFull, openReserve, type StoreRoots } from '@lading/engine';
import { LadingError } from '@lading/errors';

/** What makes room, or tells of it, must work on a full disk too; each can be called again. */
const spenders: ReadonlySet<string> = new Set([
  'stopPodSandbox',
  'removePodSandbox',
  'stopContainer',
  'removeContainer',
  'containerStatus',
  'removeImage',
]);

/** Keeps the handlers of a daemon of use on a full disk. */
export interface FullDiskGuard {
  /** The handlers; those that make room get what is kept when the disk is full, and all say what can be done. */
  guarded<T extends object>(handlers: T): T;
}

/** Keeps a little room in each of the roots of a store. */
export async function guardFullDisk(store: StoreRoots): Promise<FullDiskGuard> {
  const reserve = await openReserve(store);
  const roots = [store.graphRoot, store.runRoot, store.imageStore].filter((root) => root !== undefined);
  return {
    guarded(handlers) {
      const guard = ([name, handler]: [string, (...words: unknown[]) => unknown]) => {
        const call = (...words: unknown[]): unknown => {
          if (spenders.has(name)) return advised(reserve.spend(async () => await handler(...words)));
          const answer = handler(...words);
          return answer instanceof Promise ? advised(answer) : answer; // or a stream, which writes nothing
        };
        return [name, call];
      };
      return Object.fromEntries(Object.entries(handlers).map(guard));
    },
  };

  async function advised(work: Promise<unknown>): Promise<unknown> {
    try {
      return await work;
    } catch (error) {
      throw isDiskFull(error) ? withAdvice(error, roots) : error;
    }
  }
}

function withAdvice(cause: unknown, roots: readonly string[]): LadingError {
  const { code, message, reason = 'ENOSPC' } = LadingError.from(cause);
  return new LadingError(
    code,
    `${message}; make room where ${roots.join(' and ')} are, or remove containers and images`,
    { reason, cause },
  );
}

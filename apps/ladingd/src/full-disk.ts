// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';

/** More than the records that a removal writes before it gives room back. */
const reserveBytes = 256 << 10;

/** What makes room, or tells of it, must work on a full disk too; each can be called again. */
const spenders: ReadonlySet<string> = new Set([
  'stopPodSandbox',
  'removePodSandbox',
  'stopContainer',
  'removeContainer',
  'containerStatus',
  'removeImage',
]);

/** What is kept free in some folders. */
export interface Reserve {
  /** The handlers; those that make room get what is kept when the disk is full, and all say what can be done. */
  guarded<T extends object>(handlers: T): T;
}

/** Keeps a little room in each of the folders, which are there. */
export async function openReserve(folders: readonly string[]): Promise<Reserve> {
  const files = folders.map((folder) => join(folder, 'reserve'));

  async function fill(): Promise<void> {
    for (const file of files) {
      try {
        // Not zeros: some file systems store them as nothing.
        await writeFile(file, randomBytes(reserveBytes), { flag: 'wx', mode: 0o600 });
      } catch (error) {
        const { code } = LadingError.from(error);
        // It is there; or there is no room, of which a piece of it would take the last.
        if (code === Code.AlreadyExists) continue;
        await rm(file, { force: true });
        if (code !== Code.ResourceExhausted) throw error;
      }
    }
  }

  async function spend(work: Promise<unknown>, again: () => unknown): Promise<unknown> {
    try {
      return await work;
    } catch (error) {
      if (!isFull(error)) throw error;
      for (const file of files) await rm(file, { force: true });
      try {
        return await again();
      } finally {
        await fill();
      }
    }
  }

  await fill();
  return {
    guarded(handlers) {
      const guard = ([name, handler]: [string, (...words: unknown[]) => unknown]) => {
        const call = (...words: unknown[]): unknown => {
          const answer = handler(...words);
          if (!(answer instanceof Promise)) return answer; // a stream, which writes nothing
          const again = (): unknown => handler(...words);
          return spenders.has(name) ? advised(spend(answer, again)) : advised(answer);
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
      throw isFull(error) ? withAdvice(error, folders) : error;
    }
  }
}

function isFull(error: unknown): boolean {
  const { reason } = LadingError.from(error);
  return reason === 'ENOSPC' || reason === 'EDQUOT';
}

function withAdvice(cause: unknown, folders: readonly string[]): LadingError {
  const { code, message, reason = 'ENOSPC' } = LadingError.from(cause);
  return new LadingError(
    code,
    `${message}; make room where ${folders.join(' and ')} are, or remove containers and images`,
    {
      reason,
      cause,
    },
  );
}

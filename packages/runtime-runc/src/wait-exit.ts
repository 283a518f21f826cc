// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, watch } from 'node:fs';
import { basename } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { State } from '@lading/oci-spec';
import { throwIfCanceled } from './abort.ts';
import { readExitFile, recordUnseenEnd } from './exit-file.ts';
import type { ExitStatus, WaitExitOptions } from './exit-types.ts';
import type { ContainerFolders } from './folders.ts';
import { isLive, type LiveProcess } from './live-process.ts';
import { readMonitorNote } from './monitor-note.ts';

/** A dead monitor makes no event: that is looked for this often. */
const pollMs = 500;

/**
 * Waits for the exit file. When neither the monitor, which would write it, nor the container lives, the end
 * was not seen by anyone: it is recorded as such and reported as 255.
 *
 * @throws NotFound (`CONTAINER_UNKNOWN`) of one that was forgotten, also while it was waited for
 */
export async function waitForExit(
  folders: ContainerFolders,
  state: () => Promise<State | undefined>,
  options: WaitExitOptions,
): Promise<ExitStatus> {
  mkdirSync(folders.exitDir, { recursive: true, mode: 0o700 });
  // Watched before the first look, so that no end falls between the two.
  using changes = watchFile(folders, options.signal);
  for (;;) {
    throwIfCanceled(options.signal);
    const status = readExitFile(folders);
    if (status !== undefined) return status;
    if (!(await someoneLives(folders, state, options))) {
      // The monitor may have written it as its last act.
      return readExitFile(folders) ?? (await unseenEnd(folders));
    }
    await changes.next();
  }
}

async function unseenEnd(folders: ContainerFolders): Promise<ExitStatus> {
  recordUnseenEnd(folders);
  const status = readExitFile(folders);
  if (status !== undefined) return status;
  throw unknownContainer(folders);
}

async function someoneLives(
  folders: ContainerFolders,
  state: () => Promise<State | undefined>,
  options: WaitExitOptions,
): Promise<boolean> {
  const note = readMonitorNote(folders.monitorFile);
  if (note !== undefined) return mayWrite(note.monitor) || isLive(note.container);
  const { pid, monitorPid } = options;
  if (monitorPid !== undefined && mayWrite({ pid: monitorPid })) return true;
  if (pid !== undefined && isLive({ pid })) return true;
  // Made by a process that was killed before it wrote its note, or forgotten since.
  const known = await state();
  if (known === undefined) {
    // Its end may have been recorded while we asked.
    if (readExitFile(folders) !== undefined) return false;
    throw unknownContainer(folders);
  }
  return known.status !== 'stopped';
}

/**
 * A monitor that has started this very process has written already, or could not, as on a full disk: it waits for our end,
 * and we must not wait for its.
 */
function mayWrite(monitor: LiveProcess): boolean {
  return isLive(monitor) && monitor.pid !== process.ppid;
}

function unknownContainer(folders: ContainerFolders): LadingError {
  return new LadingError(
    Code.NotFound,
    `container ${basename(folders.exitFile)} is not known, and no end of it is recorded in ${folders.exitDir}`,
    { reason: 'CONTAINER_UNKNOWN' },
  );
}

/** Wakes at a change of the file, at an abort, and now and then. Keeps Node alive until disposed. */
function watchFile(
  folders: ContainerFolders,
  signal: AbortSignal | undefined,
): Disposable & { next(): Promise<void> } {
  let woken = Promise.withResolvers<void>();
  const wake = () => woken.resolve();
  const name = basename(folders.exitFile);
  const watcher = watch(folders.exitDir, (_event, changed) => {
    if (changed === null || changed === name) wake();
  });
  // A folder that goes away, or too many watches: the poll still sees the end.
  watcher.on('error', wake);
  signal?.addEventListener('abort', wake);
  return {
    async next() {
      const timer = setTimeout(wake, pollMs);
      await woken.promise;
      clearTimeout(timer);
      woken = Promise.withResolvers();
    },
    [Symbol.dispose]() {
      watcher.close();
      signal?.removeEventListener('abort', wake);
    },
  };
}

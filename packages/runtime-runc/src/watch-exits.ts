// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';

/**
 * Calls the listener with the id of each container whose end is recorded from now on: one watch for all of them. A
 * monitor that was killed records nothing, and the watch may lose ends when very many come at once; look at processes
 * now and then. Keeps no process alive.
 */
export function watchExits(exitDir: string, listener: (id: string) => void): Disposable {
  mkdirSync(exitDir, { recursive: true, mode: 0o700 });
  const watcher = watch(exitDir, { persistent: false }, (_event, name) => {
    // Beside exit files there are those that are being written, and our own notes; and files go as they come.
    if (name === null || name.includes('.') || !existsSync(join(exitDir, name))) return;
    listener(name);
  });
  // The folder went away: nothing more will be recorded in it.
  watcher.on('error', () => watcher.close());
  return { [Symbol.dispose]: () => watcher.close() };
}

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

/** Where the traces of a container are, by its id alone: any process can find them. */
export interface ContainerFolders {
  readonly exitDir: string;
  /** Written by the monitor at the end. */
  readonly exitFile: string;
  /** Ids do not start with a dot, so nothing in here is taken for an exit file. */
  readonly notes: string;
  /** Made by the monitor when the kernel killed for memory. */
  readonly oomFile: string;
  /** Who watches the container; ours. */
  readonly monitorFile: string;
  readonly createLog: string;
}

/** For files that last as long as a call; not in the runtime's root, where each folder is a container to it. */
export function workFolderOf(exitDir: string): string {
  return join(exitDir, '.work');
}

export function foldersOf(exitDir: string, id: string): ContainerFolders {
  const notes = join(exitDir, '.notes', id);
  return {
    exitDir,
    exitFile: join(exitDir, id),
    notes,
    oomFile: join(notes, 'oom'),
    monitorFile: join(notes, 'monitor.json'),
    createLog: join(notes, 'create.log'),
  };
}

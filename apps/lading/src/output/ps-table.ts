// SPDX-License-Identifier: Apache-2.0
import { readlink } from 'node:fs/promises';
import { type CommandCall, formatBytes } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { Code, hasCode, LadingError } from '@lading/errors';
import type { ContainerRow } from './container-row.ts';

/** What a container has written. */
export interface ContainerSize {
  readonly bytes: number;
  /** Also with its image: `12B (virtual 4.5MB)`. */
  readonly text: string;
}

/** A row with what the flags of `ps` ask for beside it. */
export interface ListedRow {
  readonly row: ContainerRow;
  readonly podName: string;
  readonly size: ContainerSize | undefined;
  readonly namespaces: readonly string[];
}

const ownColumns = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'];

/** Header and cells of the table. */
export function psTable(
  { flags }: CommandCall,
  listed: readonly ListedRow[],
): { readonly header: readonly string[]; readonly cells: readonly (readonly string[])[] } {
  if (flags.boolean('ns')) {
    const header = ['CONTAINER ID', 'NAMES', 'PID', ...namespaceFiles.map(([title]) => title)];
    return {
      header,
      cells: listed.map(({ row, namespaces }) => [row.ID, row.Names, String(row.Pid), ...namespaces]),
    };
  }
  const pod = flags.boolean('pod');
  const size = flags.boolean('size');
  return {
    header: [...ownColumns, ...(pod ? ['POD ID', 'PODNAME'] : []), ...(size ? ['SIZE'] : [])],
    cells: listed.map((one) => [
      ...[one.row.ID, one.row.Image, one.row.Command, one.row.CreatedHuman, one.row.Status, one.row.Ports],
      one.row.Names,
      ...(pod ? [one.row.Pod, one.podName] : []),
      ...(size ? [one.size?.text ?? ''] : []),
    ]),
  };
}

const namespaceFiles = [
  ['CGROUPNS', 'cgroup'],
  ['IPC', 'ipc'],
  ['MNT', 'mnt'],
  ['NET', 'net'],
  ['PIDNS', 'pid'],
  ['USERNS', 'user'],
  ['UTS', 'uts'],
] as const;

/** Numbers of the namespaces of a process; empty texts when it has ended. */
export async function namespacesOf(pid: number): Promise<readonly string[]> {
  if (pid === 0) return namespaceFiles.map(() => '');
  const numbers = namespaceFiles.map(async ([, file]) => {
    try {
      return /\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/ns/${file}`))?.[1] ?? '';
    } catch (reason) {
      // It ended since it was listed.
      if (hasCode(LadingError.from(reason), Code.NotFound)) return '';
      throw reason;
    }
  });
  return Promise.all(numbers);
}

export async function sizeOf(engine: Engine, container: ContainerInfo): Promise<ContainerSize> {
  const { layer } = await engine.usage.container(container);
  const image = await engine.images.find(container.imageId);
  const own = layer?.bytes ?? 0;
  const text = (bytes: number): string => formatBytes(bytes).replace(' ', '');
  return { bytes: own, text: `${text(own)} (virtual ${text(own + (image?.sizeBytes ?? 0))})` };
}

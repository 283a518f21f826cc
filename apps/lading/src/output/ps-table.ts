// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, formatBytes } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import type { ContainerRow } from './container-row.ts';

/** What a container has written. */
export interface ContainerSize {
  readonly bytes: number;
  /** With its image. */
  readonly wholeBytes: number;
  /** Also with its image: `12B (virtual 4.5MB)`. */
  readonly text: string;
}

/** A row with what the flags of `ps` ask for beside it. */
export interface ListedRow {
  readonly row: ContainerRow;
  readonly podName: string;
  readonly size: ContainerSize | undefined;
}

const ownColumns = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'];

/** Header and cells of the table. */
export function psTable(
  { flags }: CommandCall,
  listed: readonly ListedRow[],
): { readonly header: readonly string[]; readonly cells: readonly (readonly string[])[] } {
  if (flags.boolean('ns')) {
    const header = ['CONTAINER ID', 'NAMES', 'PID', ...namespaceColumns];
    return {
      header,
      cells: listed.map(({ row }) => [
        ...[row.ID, row.Names, String(row.Pid)],
        ...namespaceColumns.map((name) => row[name]),
      ]),
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

const namespaceColumns = ['CGROUPNS', 'IPC', 'MNT', 'NET', 'PIDNS', 'USERNS', 'UTS'] as const;

export async function sizeOf(engine: Engine, container: ContainerInfo): Promise<ContainerSize> {
  const { layer } = await engine.usage.container(container);
  const image = await engine.images.find(container.imageId);
  const own = layer?.bytes ?? 0;
  const whole = own + (image?.sizeBytes ?? 0);
  const text = (bytes: number): string => formatBytes(bytes).replace(' ', '');
  return { bytes: own, wholeBytes: whole, text: `${text(own)} (virtual ${text(whole)})` };
}

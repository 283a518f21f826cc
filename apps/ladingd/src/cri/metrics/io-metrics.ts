// SPDX-License-Identifier: Apache-2.0
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { ContainerUsage } from '@lading/engine';
import type { ContainerSource, MetricOf } from './metric.ts';

type Device = NonNullable<ContainerUsage['cgroup']>['devices'][number];

function counter(
  name: `container_fs_${string}`,
  help: string,
  key: Exclude<keyof Device, 'major' | 'minor'>,
): MetricOf<ContainerSource> {
  return {
    name,
    help,
    kind: 'counter',
    labels: ['device'],
    values: ({ cgroup }) =>
      cgroup.devices.map((device) => ({
        value: device[key],
        labels: [deviceName(device.major, device.minor)],
      })),
  };
}

export const ioMetrics: readonly MetricOf<ContainerSource>[] = [
  counter('container_fs_reads_bytes_total', 'Bytes read from block devices.', 'readBytes'),
  counter('container_fs_reads_total', 'Reads from block devices.', 'reads'),
  counter('container_fs_writes_bytes_total', 'Bytes written to block devices.', 'writtenBytes'),
  counter('container_fs_writes_total', 'Writes to block devices.', 'writes'),
  {
    name: 'container_blkio_device_usage_total',
    help: 'Bytes from and to a block device, by operation.',
    kind: 'counter',
    labels: ['device', 'major', 'minor', 'operation'],
    values: ({ cgroup }) =>
      cgroup.devices.flatMap(({ major, minor, readBytes, writtenBytes }) => {
        const labels = [deviceName(major, minor), String(major), String(minor)];
        return [
          { value: readBytes, labels: [...labels, 'Read'] },
          { value: writtenBytes, labels: [...labels, 'Write'] },
        ];
      }),
  },
];

/** `/dev/sda`, or its numbers where the kernel has no name for it. */
export function deviceName(major: number, minor: number): string {
  try {
    return `/dev/${basename(readlinkSync(`/sys/dev/block/${major}:${minor}`))}`;
  } catch {
    return `${major}:${minor}`;
  }
}

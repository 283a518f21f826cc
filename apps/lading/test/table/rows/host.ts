// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const hostFields = [
  ...['Arch', 'CgroupManager', 'CPUs', 'Conmon.Path', 'Distribution.Distribution', 'Distribution.Version'],
  ...['EventLogger', 'Hostname', 'Kernel', 'LogDriver', 'MemTotal', 'NetworkBackend', 'OCIRuntime.Name'],
  ...['OCIRuntime.Path', 'OS', 'Security.Rootless', 'ServiceIsRemote', 'SwapTotal'],
];
const storeFields = [
  'GraphDriverName',
  'ImageStore.Number',
  'ContainerStore.Number',
  'ContainerStore.Running',
];

const template = (group: string, fields: readonly string[]): string =>
  fields.map((field) => `{{.${group}.${field}}}`).join('|');

/** What scripts ask of the machine and of the store. */
export const hostRows: readonly Row[] = [
  {
    name: 'info of the machine',
    lines: [['info', '--format', template('Host', hostFields)]],
    // Each has its own order of folders.
    ignore: /\/usr\/s?bin\/runc/g,
  },
  {
    name: 'info of the store',
    before: ['run -d --name {row} --network none {image} sleep 1000', 'pause {row}'],
    lines: [
      [
        'info',
        '--format',
        template('Store', [...storeFields, 'ContainerStore.Paused', 'GraphRootAllocated']),
      ],
      ['info', '--format', '{{.Plugins.Volume}}'],
      '!test -d "$($TOOL info --format {{.Store.VolumePath}})"; echo $?',
      '!$TOOL info --format json | grep -cE \'"(rootless|networkBackend|volumePath|graphRootAllocated|cgroupManager)":\'',
    ],
    after: ['rm -f -t 0 {row}'],
  },
];

// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const created = (name: string): readonly string[] => [`create --name ${name} --network none demo:1 sh`];
/** A container with a new, a changed and a missing file. */
const changed = (name: string): readonly string[] => [
  ...created(name),
  `! m=$($TOOL mount ${name}) && mkdir $m/new && echo x > $m/new/file && echo y >> $m/etc/passwd && rm $m/bin/wget`,
];

/** What is seen and done of the files of containers. */
export const containerFileRows: readonly Row[] = [
  {
    name: 'diff of a container that changed nothing',
    before: [...created('seen1'), 'start seen1', 'wait seen1'],
    lines: ['diff seen1'],
    after: ['rm -f seen1'],
  },
  {
    name: 'diff of a container that changed something',
    before: changed('seen2'),
    lines: ['diff seen2', 'container diff seen2'],
    after: ['rm -f seen2'],
  },
  {
    name: 'diff as JSON',
    before: changed('seen3'),
    lines: ['diff --format json seen3'],
    after: ['rm -f seen3'],
  },
  { name: 'diff of what is not there', lines: ['diff nosuch', 'diff'] },
  {
    name: 'diff in another format',
    before: created('seen4'),
    lines: ['diff --format frob seen4'],
    after: ['rm -f seen4'],
  },
  {
    name: 'mount prints a folder that has the files',
    before: created('m1'),
    lines: ['! ls $($TOOL mount m1)', 'unmount m1'],
    after: ['rm -f m1'],
  },
  {
    name: 'mount without names lists',
    before: [...created('m2'), 'mount m2'],
    lines: ['! $TOOL mount | wc -l', '! $TOOL mount --format json | wc -l', 'umount m2', 'mount'],
    after: ['rm -f m2'],
  },
  {
    name: 'mount of several',
    before: [...created('m3'), ...created('m4')],
    lines: ['! $TOOL mount m3 m4 | wc -w', 'unmount m3 m4'],
    after: ['rm -f m3 m4'],
  },
  {
    name: 'unmount of what is not mounted',
    before: created('m5'),
    lines: ['unmount m5'],
    after: ['rm -f m5'],
  },
  {
    name: 'mount and unmount of what is not there',
    lines: ['mount nosuch', 'unmount nosuch', 'unmount', 'unmount -a x'],
  },
  {
    name: 'container mount and unmount',
    before: created('m6'),
    lines: ['! test -d $($TOOL container mount m6)/etc', 'container unmount m6'],
    after: ['rm -f m6'],
  },
  {
    name: 'diff lists what a container has changed',
    lines: [
      [
        ...['run', '--network', 'none', '--name', '{row}', '{image}'],
        ...['sh', '-c', 'echo new > /etc/new; echo changed >> /etc/passwd'],
      ],
      'diff {row}',
      'container diff {row}',
      'diff --format json {row}',
      'rm {row}',
    ],
    unordered: [1, 2],
  },
];

// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import type { Row } from './row.ts';

const rows: readonly Row[] = [
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
  {
    name: 'diff of a container that has changed nothing is empty',
    lines: [
      'create --network none --name {row} {image} true',
      'diff {row}',
      'diff --format json {row}',
      'rm {row}',
    ],
  },
  { name: 'diff of nothing', lines: ['diff nothing', 'diff', 'diff --format table nothing'] },
];

compareRows('files of containers', rows);

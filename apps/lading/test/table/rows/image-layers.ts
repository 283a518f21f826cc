// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

/** The layers of images, and how they were made. */
export const imageLayerRows: readonly Row[] = [
  {
    name: 'history shows how an image was made',
    lines: [
      'history {image}',
      'history -q {image}',
      'history --no-trunc {image}',
      'history -q --no-trunc {image}',
      'history -H=false {image}',
      'history --format json {image}',
      [
        'history',
        '--format',
        '{{.ID}} {{.CreatedSince}} {{.CreatedBy}} {{.Size}} {{.Comment}} {{.Tags}}',
        '{image}',
      ],
      ['history', '--format', 'table {{.ID}} {{.CreatedBy}}', '{image}'],
      ['history', '--format', '{{.Nope}}', '{image}'],
      'image history -q {image}',
    ],
  },
  { name: 'history of nothing', lines: ['history nothing', 'history', 'history a b'] },
  {
    name: 'image tree shows layers',
    lines: ['image tree {image}', 'image tree nothing', 'image tree'],
  },
];

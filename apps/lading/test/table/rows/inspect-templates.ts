// SPDX-License-Identifier: Apache-2.0
import type { Line, Row } from '../row.ts';

/** One thing of each kind. */
export const inspectedThings: readonly Line[] = [
  'create --name box --network none {image} true',
  'pod create --infra=false --name group',
  'volume create store',
  'network create net',
  '!echo secret | $TOOL secret create word -',
];

const inspect = (command: string, format: string, name: string): Line => [
  ...command.split(' '),
  '--format',
  format,
  ...name.split(' ').filter(Boolean),
];

const shapeRows: readonly Row[] = [
  ['inspect', 'box', '.Name'],
  ['container inspect', 'box', '.State.Status'],
  ['image inspect', '{image}', '.Os'],
  ['pod inspect', 'group', '.Name'],
  ['volume inspect', 'store', '.Name'],
  ['network inspect', 'net', '.Name'],
  ['secret inspect', 'word', '.Spec.Name'],
].map(
  ([command = '', name = '', field = '']): Row => ({
    name: `${command} --format of all shapes`,
    lines: [
      inspect(command, `{{${field}}}\\t{{${field}}}`, name),
      inspect(command, `{{${field}}}\\n`, name),
      inspect(command, `{{${field}}}\n`, name),
      inspect(command, `{{range .}}<{{${field}}}>{{end}}`, name),
      inspect(command, `table {{${field}}} {{${field}}}`, name),
      inspect(command, `{{${field}}}`, 'nosuch'),
      inspect(command, '{{.Name', name),
    ],
  }),
);

/** What a template of any `inspect` may hold. */
export const inspectTemplateRows: readonly Row[] = [
  {
    name: 'times of inspect can be asked',
    lines: [
      ['pod inspect', 'group', 'Created'],
      ['image inspect', '{image}', 'Created'],
      ['volume inspect', 'store', 'CreatedAt'],
      ['volume ls', '', 'CreatedAt'],
      ['network inspect', 'net', 'Created'],
      ['secret inspect', 'word', 'UpdatedAt'],
    ].map(([command = '', name = '', field = '']) =>
      inspect(command, `{{.${field}.Year}} {{.${field}.Format "Jan 2"}} {{.${field}}}`, name),
    ),
  },
  ...shapeRows,
];

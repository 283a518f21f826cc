// SPDX-License-Identifier: Apache-2.0
import type { Line, Row } from '../row.ts';
import { fieldRows, filterRows } from './fields.ts';

const child = (name: string, from: string): readonly Line[] => [
  `create --name ${name} --network none ${from} sh`,
  `!m=$($TOOL mount ${name}) && echo ${name} > $m/${name} && $TOOL commit -q -c 'LABEL made=${name}' ${name} localhost/team/${name}:v1`,
  `rm ${name}`,
];

/** Images that were made from each other, and a container. */
export const relatedImages: readonly Line[] = [
  ...child('one', '{image}'),
  ...child('two', 'localhost/team/one:v1'),
  'create --name user --network none localhost/team/two:v1 sh',
];

// podman measures the files that it keeps beside the layers, too.
const sizes = /\b\d{7}\b/g;

const listed = 'images --format {{.Repository}}:{{.Tag}}';

// The images are made within a second or not: podman sorts by whole seconds.
const inAnyOrder = (rows: readonly Row[]): readonly Row[] => rows.map((row) => ({ ...row, unordered: [0] }));

/** Filters, orders and fields of images; diff and tree of some that were made from each other. */
export const imageFilterRows: readonly Row[] = [
  ...inAnyOrder(
    filterRows(listed, [
      ...[
        'before=localhost/team/two:v1',
        'before=demo:1',
        'before=nosuch',
        'since=demo:1',
        'after=demo:1',
        'since=localhost/team/two:v1',
        'since=nosuch',
      ],
      ...[
        'until=1h',
        'until=2020-01-01',
        'until=frob',
        'containers=true',
        'containers=false',
        'containers=frob',
      ],
      ...[
        'readonly=true',
        'readonly=false',
        'intermediate=false',
        'dangling=true',
        'dangling=false',
        'dangling=frob',
      ],
      ...[
        'label=made',
        'label=made=one',
        'label=made=nosuch',
        'label=purpose',
        'reference=one',
        'reference=*:v1',
        'reference=localhost/team/*',
        'reference=*/one',
        'reference=nosuch',
      ],
      ...[
        'id=0123456789',
        'frob=1',
        'label',
        'label=made reference=*two*',
        'before=localhost/team/two:v1 since=demo:1',
      ],
    ]),
  ),
  ...['created', 'repository', 'tag', 'frob'].map(
    (order): Row => ({
      name: `images --sort ${order}`,
      lines: [`${listed} --sort ${order}`],
      unordered: order === 'tag' || order === 'created' ? [0] : [],
    }),
  ),
  { name: 'images --sort size', lines: [`${listed} --sort size`] },
  {
    name: 'images --history',
    lines: ['images --history localhost/team/one:v1'],
    ignore: /[\d.]+ MB/g,
  },
  ...inAnyOrder(
    fieldRows('images', [
      'Repository',
      'Tag',
      'CreatedSince',
      'CreatedAt',
      'Created',
      'CreatedTime',
      'Names',
      'Labels',
      'ReadOnly',
      'IsReadOnly',
      'Dangling',
      'IsDangling',
      'Nosuch',
    ]),
  ),
  ...fieldRows('images', ['ID', 'Id', 'Digest', 'Size', 'VirtualSize', 'RepoDigests'], {
    of: 'demo:1',
    ignore: sizes,
  }),
  { name: 'images --no-trunc', lines: ['images --no-trunc demo:1', 'images -q --no-trunc demo:1'] },
  {
    name: 'image inspect tells of the history and of folders',
    lines: [
      [
        ...['image', 'inspect', '--format'],
        '{{range .History}}{{.CreatedBy}} {{.Author}} {{.EmptyLayer}} {{.Created.Year}};{{end}}',
        'demo:1',
      ],
      '!test -x $($TOOL image inspect --format {{.GraphDriver.Data.UpperDir}} demo:1)/bin/sh && echo its files',
      '!for d in $($TOOL image inspect --format {{.GraphDriver.Data.LowerDir}} localhost/team/two:v1 | tr : " "); do test -e $d/one && echo one; test -e $d/bin/sh && echo sh; done; true',
      '!test -d $($TOOL image inspect --format {{.GraphDriver.Data.WorkDir}} demo:1) && echo work',
    ],
  },
  ...fieldRows(
    'image inspect',
    [
      'Architecture',
      'Author',
      'Comment',
      'Config.ArgsEscaped',
      'Config.Cmd',
      'Config.Entrypoint',
      'Config.Env',
      'Config.ExposedPorts',
      'Config.Labels',
      'Config.StopSignal',
      'Config.User',
      'Config.Volumes',
      'Config.WorkingDir',
      'Created',
      'Created.Year',
      'Digest',
      'GraphDriver.Name',
      'HealthCheck',
      'ID',
      'Id',
      'Labels',
      'ManifestType',
      'Os',
      'Parent',
      'RepoDigests',
      'RepoTags',
      'RootFS.Layers',
      'RootFS.Type',
      'Size',
      'User',
      'Version',
      'VirtualSize',
      'Annotations',
      'Nosuch',
    ],
    { of: '{image}', ignore: /\b\d{7}\b/g },
  ),
  ...fieldRows(
    'history',
    ['Comment', 'Created', 'CreatedAt', 'CreatedBy', 'CreatedSince', 'ID', 'Size', 'Tags', 'Nosuch'],
    { of: '{image}' },
  ),
  {
    name: 'image diff is of the layer on top',
    lines: [
      'image diff localhost/team/one:v1',
      'diff localhost/team/two:v1',
      'diff --format json localhost/team/one:v1',
    ],
  },
  {
    name: 'diff of two images',
    lines: ['diff localhost/team/two:v1 localhost/team/one:v1', 'image diff {image} localhost/team/one:v1'],
  },
  { name: 'diff of a container and an image', lines: ['diff user localhost/team/one:v1', 'diff user'] },
  {
    name: 'image diff of a container',
    lines: ['image diff user', 'container diff localhost/team/one:v1', 'image diff nosuch'],
  },
  {
    name: 'image tree of several',
    lines: [
      'image tree localhost/team/two:v1',
      'image tree --whatrequires {image}',
      'image tree --whatrequires localhost/team/one:v1',
    ],
    ignore: /[\da-f]{12} Size: +[\d.]+\w+|(ID|Size): +\S+/g,
  },
  {
    name: 'rmi of an image that others are made from',
    lines: ['rmi localhost/team/two:v1', 'image exists localhost/team/two:v1'],
  },
];

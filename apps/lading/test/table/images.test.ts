// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import type { Row } from './row.ts';

const listed: readonly Row[] = [
  { name: 'images lists a table', lines: ['images'] },
  { name: 'images -q lists ids', lines: ['images -q', 'images -q --no-trunc'] },
  { name: 'images without headings', lines: ['images -n', 'images --noheading'] },
  { name: 'images with digests', lines: ['images --digests'] },
  { name: 'images -a lists all', lines: ['images -a', 'images --all -q'] },
  {
    name: 'images by a template',
    lines: [['images', '--format', '{{.Repository}}:{{.Tag}} {{.ID}} {{.Size}}']],
  },
  {
    name: 'images by a table template',
    lines: [
      ['images', '--format', 'table {{.Repository}} {{.Tag}}'],
      ['images', '--format', 'table {{.ID}} {{.Digest}}'],
    ],
  },
  { name: 'images by the filter dangling', lines: ['images -f dangling=true', 'images -f dangling=false'] },
  {
    name: 'images by the filter label',
    lines: ['images -q -f label=purpose=test', 'images -q -f label=other'],
  },
  { name: 'images of a name', lines: ['images demo', 'images {image}', 'images nothing'] },
  { name: 'image list is images', lines: ['image list', 'image ls -q'] },
];

const changed: readonly Row[] = [
  { name: 'image exists says it by its exit code', lines: ['image exists {image}', 'image exists nothing'] },
  {
    name: 'tag gives a name, which exists then',
    lines: ['tag {image} {row}:2', 'image exists localhost/{row}:2', 'image exists {row}:3'],
  },
  { name: 'tag of an image that is not there fails', lines: ['tag nothing {row}'] },
  {
    name: 'untag takes one name away',
    lines: [
      'tag {image} {row}:a {row}:b',
      'untag {image} {row}:a',
      'image exists {row}:a',
      'image exists {row}:b',
    ],
  },
  {
    name: 'rmi of one name of several untags',
    lines: ['tag {image} {row}', 'rmi {row}', 'image exists {row}'],
  },
  { name: 'rmi of nothing ends with 1', lines: ['rmi nothing', 'rmi -i nothing', 'rmi -f nothing'] },
  { name: 'rmi without a name is a mistake', lines: ['rmi'] },
  {
    name: 'inspect gives fields of an image',
    lines: [
      ['image', 'inspect', '--format', '{{.Id}} {{.Digest}} {{.Architecture}} {{.Os}}', '{image}'],
      ['inspect', '--format', '{{.Config.Env}} {{.Config.Cmd}} {{.Config.Labels}}', '{image}'],
      ['inspect', '--type', 'image', '--format', '{{json .RootFS}}', '{image}'],
    ],
  },
  { name: 'inspect of nothing', lines: ['image inspect nothing', 'inspect nothing'] },
  {
    name: 'an unknown flag is an error of 125',
    lines: ['images --nonsense', 'rmi --nonsense x', 'image nonsense'],
  },
  {
    name: 'pull by a policy',
    lines: ['pull -q --policy never {image}', 'pull -q --policy missing {image}'],
    differs: {
      reason: 'podman 4.3 has no such flag yet',
      lines: { 0: { code: 0, out: '<id>\n' }, 1: { code: 0, out: '<id>\n' } },
    },
  },
  {
    name: 'pull of what the registry does not have',
    lines: ['pull -q --tls-verify=false {registry}/no/such'],
  },
];

compareRows('images', [...listed, ...changed]);

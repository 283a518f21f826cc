// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

/** Lists of images. */
export const imageListRows: readonly Row[] = [
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
  {
    name: 'images with a template',
    lines: [
      "images --format '{{.Repository}}:{{.Tag}}'",
      "images --format 'table {{.Repository}} {{.Size}}'",
      "images --format '{{.ID}} {{.Digest}}'",
      "images --format '{{.Nosuch}}'",
    ],
  },
  {
    name: 'images with what is made from them, and what is the same for all',
    before: ['create --name counted-a {image} true', 'create --name counted-b {image} true'],
    lines: [
      "images --format '{{.Repository}} {{.Containers}} {{.Dangling}} {{.RepoTags}}'",
      "images --format '({{.ParentId}}) {{.SharedSize}}'",
      "images --format 'table {{.Containers}} {{.Dangling}} {{.ParentId}} {{.RepoTags}} {{.SharedSize}}'",
    ],
    after: ['rm counted-a counted-b'],
  },
  {
    name: 'images by a filter of the name',
    lines: ['images -f reference=demo:1 -q', 'images -f reference=nosuch'],
  },
  { name: 'images by an unknown filter', lines: ['images -f frob=1'] },
  {
    name: 'images by one of the names of an image',
    before: ['tag demo:1 other:3'],
    lines: ['images --noheading other:3'],
    after: ['untag demo:1 other:3'],
    differs: {
      reason: 'podman 4 shows all names of what it found; podman 5 and lading only those that match',
      lines: { 0: { out: /^localhost\/other .*\n$/ } },
    },
  },
];

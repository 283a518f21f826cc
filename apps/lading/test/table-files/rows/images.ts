// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

/** Lists, names and removal of images. */
export const imageRows: readonly Row[] = [
  { name: 'images lists the image', lines: ['images'] },
  { name: 'images -q gives ids', lines: ['images -q', 'images -q --no-trunc'] },
  { name: 'images -a is the same without intermediate images', lines: ['images -a'] },
  { name: 'images --digests', lines: ['images --digests'] },
  { name: 'images --noheading', lines: ['images --noheading', 'images -n'] },
  {
    name: 'images by a name',
    lines: ['images hello', 'images localhost/hello', 'images hello:latest', 'images nosuch'],
  },
  { name: 'image ls and image list', lines: ['image ls', 'image list'] },
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
    name: 'images by a filter of the name',
    lines: ['images -f reference=hello -q', 'images -f reference=nosuch'],
  },
  {
    name: 'images by a label',
    lines: ['images -q -f label=purpose', 'images -q -f label=purpose=test', 'images -q -f label=purpose=x'],
  },
  { name: 'images that dangle', lines: ['images -q -f dangling=true', 'images -q -f dangling=false'] },
  { name: 'images by an unknown filter', lines: ['images -f frob=1'] },
  {
    name: 'tag gives a name and rmi takes it',
    lines: ['tag hello other:1', 'image exists other:1', 'rmi other:1', 'images -q'],
  },
  {
    name: 'images by one of the names of an image',
    before: ['tag hello other:3'],
    lines: ['images --noheading other:3'],
    after: ['untag hello other:3'],
    differs: {
      because: 'podman 4 shows all names of what it found; podman 5 and lading only those that match',
      codes: [0],
      out: /^localhost\/other .*\n$/,
    },
  },
  {
    name: 'untag takes a name',
    before: ['tag hello other:2'],
    lines: ['untag hello other:2', 'image exists other:2'],
  },
  { name: 'tag of what is not there', lines: ['tag nosuch x', 'tag'] },
  { name: 'rmi of what is not there', lines: ['rmi nosuch', 'rmi -i nosuch', 'rmi'] },
  { name: 'image exists tells by its code', lines: ['image exists hello', 'image exists nosuch'] },
  {
    name: 'image inspect with templates',
    lines: [
      "image inspect --format '{{.Id}} {{.Architecture}} {{.Os}}' hello",
      "image inspect --format '{{.Config.Cmd}} {{.Config.Env}}' hello",
      "inspect --type image -f '{{json .Config}}' hello",
      "image inspect --format '{{.RepoTags}}' hello",
    ],
  },
  { name: 'inspect of what is not there', lines: ['inspect nosuch', 'image inspect nosuch'] },
  {
    name: 'pull from the registry gives the id',
    lines: ['pull -q --tls-verify=false $IMAGE', 'image exists $IMAGE', 'rmi $IMAGE'],
  },
  { name: 'pull of what is not there', lines: ['pull -q --tls-verify=false $IMAGE:nosuch'] },
  { name: 'image prune finds nothing', lines: ['image prune -f'] },
];

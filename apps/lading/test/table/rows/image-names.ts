// SPDX-License-Identifier: Apache-2.0
import type { Different, Row } from '../row.ts';

const pulled: Different = { code: 0, out: /^<id>-+\n$/, err: 'nothing' };

/** Names of images: given, taken, looked up. */
export const imageNameRows: readonly Row[] = [
  { name: 'image exists says it by its exit code', lines: ['image exists {image}', 'image exists nothing'] },
  {
    name: 'tag gives a name, which exists then',
    lines: ['tag {image} {row}:2', 'image exists localhost/{row}:2', 'image exists {row}:3'],
    after: ['untag {image} {row}:2'],
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
    after: ['untag {image} {row}:b'],
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
      lines: { 0: pulled, 1: pulled },
    },
  },
  {
    name: 'pull of what the registry does not have',
    lines: ['pull -q --tls-verify=false {registry}/no/such'],
  },
  {
    name: 'image inspect with templates',
    lines: [
      "image inspect --format '{{.Id}} {{.Architecture}} {{.Os}}' demo:1",
      "image inspect --format '{{.Config.Cmd}} {{.Config.Env}}' demo:1",
      "inspect --type image -f '{{json .Config}}' demo:1",
      "image inspect --format '{{.RepoTags}}' demo:1",
    ],
  },
  { name: 'inspect of what is not there', lines: ['inspect nosuch', 'image inspect nosuch'] },
  {
    name: 'pull from the registry gives the id',
    lines: ['pull -q --tls-verify=false {source}', 'image exists {source}', 'rmi {source}'],
  },
  { name: 'image prune finds nothing', lines: ['image prune -f'] },
];

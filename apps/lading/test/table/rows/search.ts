// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

/** Images of registries, which are looked for and not fetched. */
export const searchRows: readonly Row[] = [
  {
    name: 'search at a registry that only lists all that it has',
    before: ['push -q --tls-verify=false {image} {registry}/{row}/app:1'],
    lines: [
      'search --tls-verify=false {registry}/{row}/app',
      'search --tls-verify=false --compatible {registry}/{row}',
      'search --tls-verify=false --format json {registry}/{row}',
      'search --tls-verify=false --filter stars=1 {registry}/{row}',
      'search --tls-verify=false {registry}/nosuch',
      'search --tls-verify=false --limit 1 {registry}/demo',
    ],
  },
  {
    name: 'search --list-tags',
    before: [
      'push -q --tls-verify=false {image} {registry}/{row}/app:1',
      'push -q --tls-verify=false {image} {registry}/{row}/app:2',
    ],
    lines: [
      'search --tls-verify=false --list-tags {registry}/{row}/app',
      'search --tls-verify=false --list-tags --limit 1 docker://{registry}/{row}/app',
      'search --tls-verify=false --list-tags --format json {registry}/{row}/app:1',
      'search --tls-verify=false --list-tags {registry}/nosuch/app',
      'search --list-tags --filter stars=1 {registry}/{row}/app',
    ],
  },
  {
    name: 'search that cannot be',
    lines: [
      'search --filter frob=1 {registry}/demo',
      'search --filter stars=x {registry}/demo',
      'search {registry}',
      'search {registry}/demo',
    ],
  },
];

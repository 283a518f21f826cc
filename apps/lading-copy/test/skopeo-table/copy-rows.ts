// SPDX-License-Identifier: Apache-2.0
import { type Row, rows } from './row.ts';

const insecure = '--src-tls-verify=false --dest-tls-verify=false';
const app = 'docker://$R/$NS/app:1';
const pushed = (line: string, ...look: string[]): Row => ({
  argv: line.split(' '),
  look: look.length === 0 ? ['$NS/app:1'] : look,
});

export const copyRows: readonly Row[] = [
  ...rows(`copy ${insecure}`, [
    // Between every two kinds of places.
    ...['dir:dir', 'oci:oci:name', 'docker://$R/team/app:1', 'docker://$R/team/app:2'].flatMap((from) => [
      `${from} dir:out`,
      `${from} docker-archive:out.tar`,
      `${from} docker-archive:out.tar:team/app:2`,
      pushed(`${from} ${app}`),
    ]),
    ...['oci:list:name', 'dir:list-dir', 'docker://$R/team/list:1', 'docker://$R/team/list:2'].flatMap(
      (from) => [
        `${from} dir:out`,
        `--all ${from} dir:out`,
        `-a ${from} docker-archive:out.tar`,
        `--multi-arch all ${from} dir:out`,
        `--multi-arch system ${from} dir:out`,
        `--multi-arch index-only ${from} dir:out`,
        pushed(`--all ${from} ${app}`),
        pushed(`--all --preserve-digests ${from} ${app}`),
      ],
    ),
    'docker-archive:one.tar dir:out',
    'docker-archive:one.tar:example.com/app:1 docker-archive:out.tar',
    'docker-archive:several.tar:@1 dir:out',
    'oci-archive:oci.tar:name dir:out',
    'oci-archive:oci.tar dir:out',
    'tarball:rootfs.tar dir:out',
    'oci:oci:name oci:two:again',
    'oci:oci:name oci:out:name',
    'oci:oci:name oci:out',
    'dir:dir dir:dir',
  ]),
];

// SPDX-License-Identifier: Apache-2.0
import { helps, type Row, rows } from './row.ts';

const pushed = (line: string, ...look: string[]): Row => ({ argv: line.split(' '), look });

export const otherRows: readonly Row[] = [
  ...rows('list-tags --tls-verify=false', [
    'docker://$R/team/app',
    'docker://$R/team/list',
    'docker://$R/team/none',
    'docker://$R/team/app:1',
    'docker://$R/team/app@$H',
    'docker-archive:one.tar',
    'docker-archive:one.tar:example.com/app:1',
    'docker-archive:several.tar',
    'docker-archive:several.tar:@0',
    'docker-archive:several.tar:@9',
    'docker-archive:none.tar',
    'docker-archive:oci.tar',
    'docker-archive:empty',
    'oci:oci',
    'dir:dir',
    'nonsense:x',
    'nonsense',
    { argv: [], differs: helps },
    { argv: ['docker://$R/team/app', 'docker://$R/team/list'], differs: helps },
  ]),
  ...rows('delete --tls-verify=false', [
    {
      argv: ['docker://$R/team/none:1'],
      differs: { why: 'exit code 2 is for what does not exist', code: 2 },
    },
    pushed('docker://$R/$NS/gone:1', '$NS/gone:1', '$NS/gone:2'),
    'dir:dir',
    {
      argv: ['oci:oci:name'],
      differs: { why: 'skopeo 1.9 cannot delete from a layout, later ones can', code: 0, unlike: ['bytes'] },
    },
    'docker-archive:one.tar',
    'oci-archive:oci.tar:name',
    'tarball:rootfs.tar',
    'nonsense',
    '',
    'a b',
  ]),
  ...rows('manifest-digest', [
    'dir/manifest.json',
    'oci/index.json',
    'digits',
    'empty',
    'none',
    'dir',
    '',
    'a b',
    '--nonsense',
  ]),
];

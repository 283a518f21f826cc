// SPDX-License-Identifier: Apache-2.0
import type { Line, Row } from '../row.ts';
import { fieldRows, filterRows } from './fields.ts';

/** A volume with labels, one that a container has, and one without a name. */
export const listedVolumes: readonly Line[] = [
  'volume create --label a=b --label c= plain',
  'create --name holder --network none -v used:/x {image} sh',
];

/** Fields and filters of volumes. */
export const volumeListRows: readonly Row[] = [
  ...fieldRows('volume ls', [
    'Name',
    'Driver',
    'Scope',
    'Labels',
    'Options',
    'CreatedAt',
    'Anonymous',
    'MountCount',
    'NeedsCopyUp',
    'Status',
    'Timeout',
    'StorageID',
    'Nosuch',
  ]),
  ...fieldRows(
    'volume inspect',
    [
      ...['Name', 'Driver', 'Scope', 'Labels', 'Options', 'CreatedAt', 'Anonymous', 'MountCount'],
      ...['NeedsCopyUp', 'NeedsChown', 'Status', 'Timeout', 'StorageID', 'Nosuch'],
    ],
    {
      of: 'plain used',
    },
  ),
  ...filterRows('volume ls -q', [
    ...[
      'name=plain',
      'name=^u',
      'name=nosuch',
      'driver=local',
      'driver=nosuch',
      'scope=local',
      'scope=nosuch',
      'label=a',
      'label=a=b',
      'label=a=x',
      'label=c',
    ],
    ...[
      'dangling=true',
      'dangling=false',
      'dangling=frob',
      'until=1h',
      'until=2020-01-01',
      'until=frob',
      'opt=type',
      'frob=1',
      'name',
    ],
  ]),
  { name: 'volume ls is a table', lines: ['volume ls', 'volume list', 'volume ls --noheading'] },
  {
    name: 'volume ls --format json has the same names',
    lines: ['!$TOOL volume ls --format json | grep -o \'"[A-Za-z]*":\' | sort -u'],
  },
  {
    name: 'volume inspect has the same names',
    lines: ['!$TOOL volume inspect plain | grep -o \'^ *"[A-Za-z]*":\' | sort -u'],
  },
  {
    name: 'volume inspect --all',
    lines: [
      "volume inspect --all --format '{{.Name}}'",
      'volume inspect -a plain',
      'volume inspect plain nosuch',
    ],
    ignored: [2],
  },
  { name: 'volume rm of one in use', lines: ['volume rm used', 'volume exists used'] },
  {
    name: 'volume rm -f of one in use',
    before: ['volume create {row}', 'create --name {row} --network none -v {row}:/x {image} sh'],
    lines: ['volume rm -f {row}', 'container exists {row}', 'volume exists {row}'],
  },
  {
    name: 'a volume in memory counts who has mounted it',
    before: ['volume create -o type=tmpfs -o device=tmpfs {row}'],
    lines: [
      'volume inspect --format {{.MountCount}},{{.NeedsCopyUp}} {row}',
      'run -d --name {row} --network none -v {row}:/x {image} sleep 1000',
      'volume inspect --format {{.MountCount}} {row}',
      'rm -f -t 0 {row}',
      'volume inspect --format {{.MountCount}} {row}',
    ],
    ignored: [1],
    after: ['volume rm {row}'],
  },
  {
    name: 'volume rm with a time to stop',
    before: ['volume create {row}'],
    lines: ['volume rm --time 3 {row}', 'volume rm -f -t 3 {row}', 'volume exists {row}'],
  },
  {
    name: 'volume export and import',
    before: ['volume create {row}'],
    lines: [
      'run --rm --network none -v {row}:/x {image} touch /x/file',
      'volume export -o {dir}/v.tar {row}',
      '!tar tf v.tar | sort',
      'volume create {row}b',
      'volume import {row}b {dir}/v.tar',
      'run --rm --network none -v {row}b:/x {image} ls /x',
      'volume import {row}b {dir}/nosuch',
      'volume rm {row} {row}b',
    ],
  },
  {
    name: 'volume mount and unmount',
    before: ['volume create {row}'],
    lines: ['volume mount {row}', 'volume unmount {row}', 'volume mount nosuch', 'volume unmount nosuch'],
    ignore: /\/\S+_data/g,
    after: ['volume rm {row}'],
  },
  {
    name: 'volume create with an option that there is not',
    lines: [
      'volume create --driver nosuch {row}',
      'volume create --opt frob=1 {row}b',
      'volume create --label only {row}c',
      'volume rm {row}c',
    ],
  },
];

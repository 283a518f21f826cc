// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const shell = (flags: string, script: string): readonly string[] => [
  ...`run --rm --network none ${flags}`.split(' '),
  '{image}',
  'sh',
  '-c',
  script,
];

/** Volumes. */
export const volumeRows: readonly Row[] = [
  { name: 'volume create prints the name', lines: ['volume create {row}', 'volume rm {row}'] },
  {
    name: 'volume create refuses a name that is taken',
    lines: ['volume create {row}', 'volume create {row}', 'volume rm {row}'],
  },
  { name: 'volume create refuses what is no name', lines: ['volume create a/b', 'volume create -- -x'] },
  {
    name: 'volume exists says by its code',
    lines: ['volume exists {row}', 'volume create {row}', 'volume exists {row}', 'volume rm {row}'],
  },
  {
    name: 'volume ls is a table',
    lines: ['volume create {row}', 'volume ls', 'volume ls -q', 'volume rm {row}'],
  },
  { name: 'volume ls is nothing when there is none', lines: ['volume ls', 'volume ls -q'] },
  {
    name: 'volume ls takes templates',
    lines: [
      'volume create {row}',
      ['volume', 'ls', '--format', '{{.Name}} {{.Driver}} {{.Scope}}'],
      'volume rm {row}',
    ],
  },
  {
    name: 'volume ls filters by label',
    lines: [
      'volume create --label a=b {row}',
      'volume ls -q --filter label=a',
      'volume ls -q --filter label=a=b',
      'volume ls -q --filter label=a=c',
      'volume rm {row}',
    ],
  },
  {
    name: 'volume ls filters by name and use',
    lines: [
      'volume create {row}',
      'volume ls -q --filter name={row}',
      'volume ls -q --filter dangling=true',
      'volume ls -q --filter dangling=false',
      'volume rm {row}',
    ],
  },
  { name: 'volume ls refuses a filter that is none', lines: ['volume ls --filter nosuch=1'] },
  {
    name: 'volume inspect takes templates',
    lines: [
      'volume create --label a=b {row}',
      ['volume', 'inspect', '--format', '{{.Name}} {{.Driver}} {{.Labels}} {{.Scope}}', '{row}'],
      'volume rm {row}',
    ],
  },
  { name: 'volume rm of none ends with 1', lines: ['volume rm {row}'] },
  { name: 'volume rm needs a name', lines: ['volume rm'] },
  {
    name: 'volume rm of one in use ends with 2',
    lines: ['create --name {row} -v {row}:/x {image} true', 'volume rm {row}', 'rm {row}', 'volume rm {row}'],
    ignored: [0],
  },
  {
    name: 'a volume keeps what is written',
    lines: [
      shell('-v {row}:/data', 'echo kept > /data/file'),
      shell('-v {row}:/data', 'cat /data/file'),
      'volume rm {row}',
    ],
  },
  {
    name: 'a volume is filled from the image',
    lines: [shell('-v {row}:/etc', 'cat /etc/passwd'), 'volume rm {row}'],
  },
  {
    name: 'a volume is not filled with nocopy',
    lines: [shell('-v {row}:/etc:nocopy', '[ -e /etc/passwd ]; echo $?'), 'volume rm {row}'],
  },
  {
    name: 'a volume can be read only',
    lines: [shell('-v {row}:/data:ro', '(: > /data/file) 2> /dev/null; echo $?'), 'volume rm {row}'],
  },
  {
    name: 'a volume without a name goes with --rm',
    lines: [shell('-v /data', ': > /data/file'), 'volume ls -q'],
  },
  {
    name: 'volume prune removes what is not in use',
    lines: ['volume create {row}', 'volume prune -f', 'volume ls -q'],
  },
  {
    name: 'volume create of memory',
    before: ['volume create -o type=tmpfs -o device=tmpfs {row}'],
    lines: [
      'volume inspect --format {{.Options.type}},{{.Options.device}} {row}',
      'volume ls --quiet --filter opt=device=tmpfs',
      [
        ...'run --rm --network none -v {row}:/v {image} sh -c'.split(' '),
        'mount | grep -c "tmpfs on /v "; touch /v/x',
      ],
      'run --rm --network none -v {row}:/v {image} ls /v',
      'volume create -o frob=1 {row}b',
      'volume create -o o=uid=frob {row}b',
    ],
    after: ['volume rm {row}'],
  },
  {
    name: 'volume create of a folder of the host, and with an owner',
    before: [
      '!mkdir d; echo kept > d/x',
      'volume create -o type=none -o o=bind -o device={dir}/d {row}a',
      'volume create -o o=uid=500,gid=600 {row}b',
    ],
    lines: [
      [
        ...'run --rm --network none -v {row}a:/a -v {row}b:/b {image} sh -c'.split(' '),
        'cat /a/x; stat -c %u,%g /b',
      ],
      'volume inspect --format {{.UID}},{{.GID}} {row}a {row}b',
      'volume mount {row}a',
      'volume rm {row}a {row}b',
      '!cat d/x',
    ],
    ignored: [2],
  },
];

// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const all = 'ps -a --filter name={row} --format {{.Names}} --sort names';

/** Containers that need others, and what becomes of those. */
export const dependentRows: readonly Row[] = [
  {
    name: 'rm of a container that others require',
    before: [
      'run -d --name {row}a {image} sleep 1000',
      'create --name {row}b --requires {row}a {image} sleep 1000',
      'create --name {row}c --requires {row}b {image} sleep 1000',
      'create --name {row}d --volumes-from {row}a {image} true',
    ],
    lines: [
      'rm {row}a',
      'rm -f -t 0 {row}a',
      'rm {row}b',
      'inspect --format {{.State.Status}} {row}a',
      'inspect --format {{.Dependencies}} {row}a {row}b {row}d',
      'create --replace --name {row}b {image}',
      all,
      'rm --depend {row}b',
      all,
      'rm -f -t 0 {row}a',
      'rm --depend {row}z',
      'rm --depend -f {row}z',
    ],
    after: ['rm -f -t 0 --depend {row}a', 'rm {row}d'],
  },
  {
    name: 'rm of a container whose namespaces others share',
    before: [
      'run -d --name {row}a {image} sleep 1000',
      'create --name {row}n --network container:{row}a {image} sleep 1000',
      'create --name {row}p --pid container:{row}a {image} sleep 1000',
      'create --name {row}i --ipc container:{row}a {image} sleep 1000',
      'create --name {row}u --uts container:{row}a {image} sleep 1000',
    ],
    lines: [
      'inspect --format {{.Dependencies}} {row}n {row}p {row}i {row}u',
      "inspect --format '{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}}' {row}n",
      'rm -f -t 0 {row}a',
      'stop -t 0 {row}a',
      'rm {row}a',
      'start {row}n',
      "ps --filter name={row} --format '{{.Names}} {{.State}}' --sort names",
      'rm -f -t 0 --depend {row}a',
      all,
    ],
    unordered: [7],
  },
  {
    name: 'run --rm of a container that another one requires',
    before: [
      'run -d --rm --name {row}a {image} sleep 1000',
      'create --name {row}b --requires {row}a {image} sleep 1000',
    ],
    lines: [
      'stop -t 0 {row}a',
      "ps -a --filter name={row} --format '{{.Names}} {{.State}}' --sort names",
      'rm {row}b',
      'rm {row}a',
    ],
  },
  {
    name: 'create --init-ctr',
    before: [
      'pod create --name {row} --volume {row}v:/data',
      ['create', '--init-ctr', 'once', '--pod', '{row}', '{image}', 'sh', '-c', 'echo once >>/data/log'],
      [
        ...['create', '--init-ctr=always', '--pod', '{row}', '--name', '{row}i', '{image}'],
        ...['sh', '-c', 'echo always >>/data/log'],
      ],
      ['create', '--pod', '{row}', '--name', '{row}m', '{image}', 'sh', '-c', 'exec sleep 1000'],
    ],
    lines: [
      'pod start {row}',
      'exec {row}m cat /data/log',
      'pod ps --filter name={row} --format {{.Status}}',
      'create --init-ctr always --pod {row} {image} true',
      'pod stop -t 0 {row}',
      'pod start {row}',
      'exec {row}m cat /data/log',
      'pod stop -t 0 {row}',
      'create --init-ctr always --pod {row} --name {row}f {image} false',
      'pod start {row}',
      'inspect --format {{.State.Status}} {row}m {row}f',
      'create --init-ctr once {image}',
      'create --init-ctr frob --pod {row} {image}',
    ],
    after: ['pod rm -f -t 0 {row}', 'volume rm {row}v'],
  },
  {
    name: 'containers that cannot be required',
    lines: [
      'create --requires {row}z {image}',
      'create --network container:{row}z {image}',
      'create --pid container:{row}z {image}',
      'create --userns container:{row}z {image}',
    ],
  },
  {
    name: 'a container of a pod requires others of the pod alone',
    before: ['create --name {row}a {image}', 'pod create --name {row}'],
    lines: [
      'create --pod {row} --requires {row}a {image}',
      'create --pod {row} --name {row}b {image}',
      'create --pod {row} --name {row}c --requires {row}b {image}',
      'pod rm -f -t 0 {row}',
      all,
      'rm {row}a',
    ],
  },
];

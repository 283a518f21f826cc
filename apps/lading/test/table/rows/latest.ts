// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

/** `--latest` where it says which one is meant; each tool has one row after the other. */
export const latestRows: readonly Row[] = [
  {
    name: 'commands on the container made last, when there is none',
    lines: [
      'wait -l',
      'exec -l true',
      'port -l',
      'diff -l',
      'mount -l',
      'unmount -l',
      'attach -l',
      'kill -l',
    ],
  },
  {
    name: 'commands on the container made last, when it runs',
    before: [
      'create --name {row}a {image} true',
      'run -d --name {row}b --stop-signal KILL {image} sleep 1000',
    ],
    lines: [
      'exec -l hostname',
      "exec -l sh -c 'touch /made'",
      'exec -l',
      'exec',
      'diff -l',
      'port -l',
      'stop -l',
      'wait -l',
      'wait',
      'attach -l',
      'attach',
      ...['wait', 'diff', 'mount', 'unmount', 'attach'].map((command) => `${command} -l {row}a`),
      ...['mount', 'unmount'].map((command) => `${command} -l -a`),
      'port -l -a',
    ],
    after: ['rm {row}a {row}b'],
  },
  {
    name: 'mount --latest',
    before: ['create --name {row}a {image} true', 'create --name {row}b {image} true'],
    lines: ['mount -l', 'mount', 'unmount -l', 'mount'],
    only: /merged/,
    after: ['rm {row}a {row}b'],
  },
  {
    name: 'pod commands on the pod made last, when there is none',
    lines: [
      ...['inspect', 'start', 'pause', 'unpause', 'kill', 'restart', 'stop', 'ps', 'rm'].map(
        (command) => `pod ${command} -l`,
      ),
      'pod rm -i -l',
    ],
  },
  {
    name: 'pod commands on the pod made last',
    before: [
      'pod create --infra=false --name {row}a --pod-id-file {dir}/id',
      'create --pod {row}a --name {row}d --stop-signal KILL {image} sleep 1000',
      'pod create --infra=false --name {row}b',
      'create --pod {row}b --name {row}c --stop-signal KILL {image} sleep 1000',
    ],
    lines: [
      'pod inspect -l --format {{.Name}}',
      'pod ps -l --format {{.Name}}',
      'pod ps -l --filter name={row}a --format {{.Name}}',
      'pod ps --ns --filter name={row}z',
      ...['start', 'pause', 'unpause', 'kill', 'restart', 'stop'].map((command) => `pod ${command} -l`),
      ...['inspect', 'start', 'pause', 'unpause', 'kill', 'restart', 'stop', 'rm'].map(
        (command) => `pod ${command} -l {row}a`,
      ),
      'pod start -l -a',
      'pod start --pod-id-file {dir}/id',
      'pod stop --pod-id-file {dir}/id',
      'pod rm -l',
      'pod rm --pod-id-file {dir}/id',
      'pod rm --pod-id-file {dir}/nosuch',
      'pod rm',
      'pod inspect',
      'pod exists {row}a',
    ],
  },
];

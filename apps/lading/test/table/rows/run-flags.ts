// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const shell = (name: string, flags: string, script: string): Row => ({
  name,
  lines: [[...`run --rm --network none ${flags}`.trim().split(' '), '{image}', 'sh', '-c', script]],
});

/** Flags of run by their effect; exec and attach. */
export const runFlagRows: readonly Row[] = [
  shell('--group-add', '--group-add 4242', 'id -G'),
  shell('--pid private', '--pid private', 'echo $$'),
  shell('--uts host', '--uts host', 'hostname'),
  shell('--device under another name', '--device /dev/null:/dev/void', 'ls /dev/void'),
  shell('--device that is not there', '--device /dev/nosuch', 'true'),
  shell('--oom-score-adj', '--oom-score-adj 700', 'cat /proc/self/oom_score_adj'),
  shell('--cpuset-cpus', '--cpuset-cpus 0', 'grep Cpus_allowed_list /proc/self/status'),
  {
    ...shell('--dns without a network', '--dns 10.1.2.3', 'cat /etc/resolv.conf'),
    differs: {
      reason: 'podman refuses it; here resolv.conf is written all the same',
      lines: { 0: { code: 0, out: 'nameserver 10.1.2.3\n', err: 'nothing' } },
    },
  },
  shell('a tmpfs with a size', '--tmpfs /scratch:size=1m', 'ls -d /scratch'),
  shell('a mount of a tmpfs', '--mount type=tmpfs,target=/scratch,tmpfs-size=1m', 'ls -d /scratch'),
  shell('a mount of what is not there', '-v /nosuch:/x', 'true'),
  shell('a mount of no type', '--mount type=frob,target=/x', 'true'),
  shell('a terminal', '-t', 'test -t 0 && test -t 1 && echo terminal'),
  shell('an unknown pid namespace', '--pid nonsense', 'true'),
  {
    name: 'exec with a terminal and without',
    lines: [
      'run -d --name {row} --network none {image} sleep 1000',
      ['exec', '{row}', 'sh', '-c', 'test -t 1; echo $?'],
      ['exec', '-t', '{row}', 'sh', '-c', 'test -t 1; echo $?; exit 6'],
      'exec -t {row} nosuch',
      'exec {row} nosuch',
      'exec -d {row} true',
      'rm -f -t 0 {row}',
      'exec {row} true',
    ],
    ignored: [0, 5],
    // Now and then a terminal under load gives two.
    ignore: /\r+/g,
  },
  {
    name: 'attach to what does not run',
    lines: [
      'create --name {row} --network none {image} true',
      'attach {row}',
      'attach nosuch',
      'attach',
      'rm {row}',
    ],
    ignored: [0],
  },
];

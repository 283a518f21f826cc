// SPDX-License-Identifier: Apache-2.0
import type { Line, Row } from '../row.ts';

const inPod = (script: string): Line => ['run', '--rm', '--pod', '{row}', '{image}', 'sh', '-c', script];
const after: readonly Line[] = ['pod rm -f -t 0 {row}'];

/** podman leaves the cgroup of a pod that it then refuses, and all of them where the hierarchy has no controller. */
export const removeGroups = `!for i in $(seq 50); do
  groups=$(find /sys/fs/cgroup -depth -type d -path "*/{row}{tool}*")
  test -z "$groups" && exit
  rmdir $groups 2>/dev/null || sleep 0.1 # a monitor is on its way out
done`;

/** Flags of `pod create` by what a container of the pod sees; podman's pods have an infra container here. */
export const podFlagRows: readonly Row[] = [
  {
    name: 'pod create limits what its containers use together',
    before: [
      'pod create --name {row} --memory 64m --cpus 0.5 --cpu-shares 200 --cpuset-cpus 0',
      'run -d --pod {row} --name {row}c {image} sleep 1000',
    ],
    lines: [
      [
        '!pid=$($TOOL inspect --format {{.State.Pid}} {row}c);',
        'for c in memory cpu cpuset; do',
        "  d=/sys/fs/cgroup/$c$(sed -n 's,^[0-9]*:'$c':\\(.*\\)/[^/]*$,\\1,p' /proc/$pid/cgroup);",
        "  test -d $d || d=/sys/fs/cgroup$(sed -n 's,^0::\\(.*\\)/[^/]*$,\\1,p' /proc/$pid/cgroup);",
        '  for f in memory.limit_in_bytes memory.memsw.limit_in_bytes memory.max memory.swap.max cpu.cfs_quota_us cpu.shares cpu.max cpuset.cpus;',
        '  do test -f $d/$f && echo $f $(cat $d/$f); done; done; true',
      ].join('\n'),
    ],
    after,
  },
  {
    name: 'pod create gives its containers a network, names and files',
    before: [
      'pod create --name {row} --dns 9.9.9.9 --dns-option ndots:3 --dns-search a.b --add-host foo:1.2.3.4 --hostname boat --mac-address 92:d0:c6:0a:29:33 --sysctl net.ipv4.ip_forward=0 --shm-size 1m',
    ],
    lines: [
      inPod(
        'cat /etc/resolv.conf /proc/sys/net/ipv4/ip_forward /sys/class/net/eth0/address; hostname; while read a b; do case $b in foo) echo $a $b; esac; done </etc/hosts; while read a b c d; do case $b in /dev/shm) echo $d; esac; done </proc/mounts',
      ),
      'run --rm --pod {row} --add-host a:1.2.3.4 {image} true',
      'run --rm --pod {row} --hostname other {image} true',
      'run --rm --pod {row} --ip 10.1.2.3 {image} true',
      'run --rm --pod {row} --userns auto {image} true',
    ],
    after,
  },
  {
    name: 'pod create --no-hosts, --device and --volume',
    before: [
      'pod create --name {row} --no-hosts --device /dev/null:/dev/nuly:r --volume {dir}:/data:ro --volume {row}v:/kept --volume /own',
    ],
    lines: [
      inPod(
        'test -e /etc/hosts || echo none; test -c /dev/nuly && echo null; touch /data/x; touch /kept/here /own/here',
      ),
      inPod('ls /kept /own'),
      'pod rm {row}',
      'volume ls -q --filter name={row}v',
    ],
    after: ['volume rm {row}v'],
  },
  {
    name: 'pod create --volumes-from',
    before: [
      'create --name {row}c -v {dir}:/data:ro {image} true',
      'pod create --name {row} --volumes-from {row}c',
    ],
    lines: [inPod('cd /data && pwd'), 'pod create --cgroup-parent /{row}{tool} --volumes-from nosuch'],
    after: [...after, 'rm {row}c', removeGroups],
    differs: {
      reason: 'podman 4 gives them to the infra container alone',
      lines: { 0: { code: 0, out: '/data\n', err: 'nothing' } },
    },
  },
  {
    name: 'pod create --uidmap',
    before: ['pod create --name {row} --uidmap 0:200000:5000'],
    lines: [inPod('cat /proc/self/uid_map /proc/self/gid_map')],
    after,
  },
  {
    name: 'pod create --security-opt',
    before: ['pod create --name {row} --security-opt no-new-privileges'],
    lines: [inPod('while read a b; do test $a = NoNewPrivs: && echo $b; done </proc/self/status; true')],
    after,
    differs: {
      reason: 'podman 4 gives it to the infra container alone',
      lines: { 0: { out: '1\n' } },
    },
  },
  {
    name: 'pod create --share',
    lines: [
      'pod create --name {row} --share net,pid --pid host',
      inPod('test -d /proc/$PPID && test $PPID != 0 && echo of the host'),
      'pod rm {row}',
      'pod create --name {row} --share ipc,uts --uts host --pid host',
      ['run', '--rm', '--pod', '{row}', '--network', 'none', '{image}', 'sh', '-c', 'echo $$; hostname'],
      'pod rm {row}',
      'pod create --name {row} --share uts --hostname boat',
      [
        'run',
        '--rm',
        '--pod',
        '{row}',
        '--network',
        'none',
        '{image}',
        'sh',
        '-c',
        'hostname; ls /sys/class/net',
      ],
    ],
    after,
  },
  {
    name: 'pod create refuses to share what cannot be',
    lines: [
      'pod create --share mnt',
      'pod create --share frob',
      'pod create --share cgroup',
      'pod create --infra=false --share net',
      'pod create --infra=false -p 28399:80',
      'pod create --infra=false --dns 9.9.9.9',
    ],
  },
  {
    name: 'pod create with a cgroup parent',
    before: ['pod create --name {row} --cgroup-parent /{row}{tool}'],
    lines: [
      inPod(
        'while read line; do case $line in */{row}{tool}/*/*) echo below; break; esac; done </proc/self/cgroup',
      ),
      'pod rm {row}',
      'pod create --name {row} --share-parent=false --cgroup-parent /{row}{tool}',
      inPod(
        'while read line; do case $line in */{row}{tool}/*) echo below; break; esac; done </proc/self/cgroup',
      ),
    ],
    after: [...after, removeGroups],
  },
  {
    name: 'pod create --exit-policy stop',
    before: ['pod create --name {row} --exit-policy stop'],
    lines: [
      'run --rm --pod {row} {image} true',
      '!for i in $(seq 100); do $TOOL pod ps --filter name={row} --format {{.Status}} | grep -q Running || break; done; true',
      'pod ps --filter name={row} --format {{.Status}}',
      'pod create --exit-policy frob',
    ],
    after,
  },
  {
    name: 'pod create --label-file',
    before: [
      "!printf 'a=b\\n# c=d\\nc=d\\n' >labels",
      'pod create --name {row} --label-file {dir}/labels --label a=z',
    ],
    lines: ['pod inspect --format {{.Labels}} {row}', 'pod create --label-file {dir}/nosuch'],
    after,
  },
  {
    name: 'pod create takes the flags of an infra container',
    lines: [
      'pod create --name {row} --infra-name {row}i --infra-image {image} --infra-command true',
      'pod inspect --format {{.Name}} {row}',
      'pod rm {row}',
    ],
  },
  {
    name: 'pod create refuses what cannot be',
    lines: [
      'pod create --cgroup-parent /{row}{tool} --no-hosts --add-host a:1.2.3.4',
      'pod create --cgroup-parent /{row}{tool} --network host -p 28399:80',
      'pod create --cgroup-parent /{row}{tool} --network none --ip 1.2.3.4',
      'pod create --cgroup-parent /{row}{tool} --userns private',
      'pod create --cgroup-parent /{row}{tool} --userns keep-id',
      'pod create --cgroup-parent /{row}{tool} --share pid --pid container:nosuch',
      'pod create --cgroup-parent /{row}{tool} --pid frob',
      'pod create --cgroup-parent /{row}{tool} --uts frob',
      'pod create --cgroup-parent /{row}{tool} --uts host --hostname boat',
      'pod create --cgroup-parent /{row}{tool} --device /dev/nosuch',
      'pod create --cgroup-parent /{row}{tool} --dns foo',
      'pod create --cgroup-parent /{row}{tool} --memory-swap 64m',
    ],
    after: [removeGroups],
  },
];

// SPDX-License-Identifier: Apache-2.0
import type { Line, Row } from '../row.ts';
import { differing, shell } from './run-flags.ts';

const blkio = (name: string): string => `cat /sys/fs/cgroup/blkio/blkio.${name}`;

const limit = (controller: string, files: string): Line => [
  'exec',
  '{row}',
  'sh',
  '-c',
  `cat /sys/fs/cgroup/${controller}/${files}`,
];

/** Init, limits of block devices and of cgroup v1, options of security. The device is one that every machine has. */
export const rareFlagRows: readonly Row[] = [
  {
    ...shell(
      '--init',
      '--init',
      'tr "\\0" " " < /proc/1/cmdline; grep -c "init ro" /proc/self/mountinfo; test $$ -gt 1',
    ),
    // Each has a name of its own for it.
    ignore: /(?<=\/run\/)\w+/g,
  },
  shell('--init passes signals on', '--init', 'trap "exit 9" TERM; kill -TERM 1; sleep 1000 & wait'),
  shell('--init of another program', '--init --init-path /usr/bin/catatonit', 'cut -c1-5 /proc/1/cmdline'),
  shell('--init-path alone', '--init-path /usr/bin/catatonit', 'echo $$'),
  shell('--init of what is not there', '--init --init-path /nosuch', 'true'),
  shell('--init among the processes of the host', '--init --pid host', 'true'),
  {
    name: '--init in inspect',
    before: ['create --init --network none --name {row} {image}'],
    lines: ['inspect --format {{.HostConfig.Init}} {row}'],
    after: ['rm {row}'],
  },
  {
    ...shell('--blkio-weight', '--blkio-weight 300', 'cat /sys/fs/cgroup/blkio/blkio.*weight'),
    differs: {
      reason: 'podman looks for one of the two files that kernels have, and drops the weight',
      lines: { 0: { out: '300\n', err: 'nothing' } },
    },
  },
  differing(
    shell('--blkio-weight that is too small', '--blkio-weight 5', 'true'),
    'podman drops the weight, as it looks for another file',
    { code: 125, err: 'error' },
  ),
  shell('--blkio-weight-device of no form', '--blkio-weight-device frob', 'true'),
  shell('--blkio-weight-device that is none', '--blkio-weight-device /dev/loop0:x', 'true'),
  shell('--device-read-bps', '--device-read-bps /dev/loop0:1mb', blkio('throttle.read_bps_device')),
  shell('--device-write-bps', '--device-write-bps /dev/loop0:4096', blkio('throttle.write_bps_device')),
  shell('--device-read-iops', '--device-read-iops /dev/loop0:7', blkio('throttle.read_iops_device')),
  shell('--device-write-iops', '--device-write-iops /dev/loop0:8', blkio('throttle.write_iops_device')),
  shell('--device-read-bps of no form', '--device-read-bps frob', 'true'),
  shell('--device-read-bps of no device', '--device-read-bps /nosuch:1mb', 'true'),
  shell('--device-write-iops that is no number', '--device-write-iops /dev/loop0:x', 'true'),
  shell('--memory-swappiness', '--memory-swappiness 30', 'cat /sys/fs/cgroup/memory/memory.swappiness'),
  shell('--memory-swappiness that is too much', '--memory-swappiness 101', 'true'),
  shell(
    '--oom-kill-disable',
    '--oom-kill-disable --memory 64m',
    'grep oom_kill_disable /sys/fs/cgroup/memory/memory.oom_control',
  ),
  differing(
    shell(
      '--cpu-rt-runtime',
      '--cpu-rt-period 100000 --cpu-rt-runtime 1000',
      'cat /sys/fs/cgroup/cpu/cpu.rt_period_us /sys/fs/cgroup/cpu/cpu.rt_runtime_us',
    ),
    'the group that podman puts containers into has no such time to share out',
    { code: 0, out: '100000\n1000\n', err: 'nothing' },
  ),
  {
    name: '--memory-swap -1 without --memory',
    lines: [
      'run --rm --network none --memory-swap -1 {image} true',
      'run --rm --network none --memory-swap 1g {image} true',
    ],
  },
  {
    name: 'update of what runc updates',
    before: ['run -d --name {row} --network none --memory 32m --cpu-shares 200 {image} sleep 1000'],
    lines: [
      'update --memory 64m {row}',
      limit('memory', 'memory.memsw.limit_in_bytes'),
      'update --memory-swap 96m {row}',
      limit('memory', 'memory.memsw.limit_in_bytes'),
      'update --memory 16m --memory-swap 20m --memory-reservation 8m {row}',
      limit('memory', 'memory.*limit_in_bytes'),
      'update --cpus 0.5 --cpuset-cpus 0 {row}',
      limit('cpu', 'cpu.cfs_quota_us'),
      'update --cpu-period 50000 --cpu-quota 20000 {row}',
      limit('cpu', 'cpu.cfs_*_us'),
      limit('cpuset', 'cpuset.cpus'),
      limit('cpu', 'cpu.shares'),
      'update --memory-swap 10m {row}',
      'update --memory-swappiness 101 {row}',
      'update --cpus 1 --cpu-quota 1000 {row}',
      'update --blkio-weight-device frob {row}',
      'update --device-read-bps /nosuch:1mb {row}',
      'update {row}',
    ],
    differs: {
      reason: 'podman takes what create refuses',
      lines: { 13: { code: 125, out: '', err: 'error' }, 14: { code: 125, out: '', err: 'error' } },
    },
    after: ['rm -f -t 0 {row}'],
  },
  {
    name: 'update of block devices, swapping, processes and time',
    before: ['run -d --name {row} --network none --device-read-bps /dev/loop0:1mb {image} sleep 1000'],
    lines: [
      'update --memory-swappiness 7 --blkio-weight 300 {row}',
      limit('memory', 'memory.swappiness'),
      limit('blkio', 'blkio.*weight'),
      'update --device-read-bps /dev/loop1:2mb --device-write-bps /dev/loop0:3mb {row}',
      'update --device-read-iops /dev/loop0:4 --device-write-iops /dev/loop0:5 {row}',
      'update --cpus 1 {row}',
      limit('blkio', 'blkio.throttle.*_device'),
      limit('memory', 'memory.swappiness'),
      'update --pids-limit 77 --cpu-rt-period 100000 --cpu-rt-runtime 1000 {row}',
      limit('pids', 'pids.max'),
      limit('cpu', 'cpu.rt_runtime_us'),
      'update --pids-limit 0 {row}',
      limit('pids', 'pids.max'),
      'restart -t 0 {row}',
      limit('memory', 'memory.swappiness'),
      ['inspect', '--format', '{{json .HostConfig.BlkioDeviceReadBps}}', '{row}'],
    ],
    ignored: [0, 3, 4, 5, 8, 11, 13],
    unordered: [6],
    differs: {
      reason:
        'podman has runc update them, which leaves some as they are, forgets them at the next start, and lacks --pids-limit',
      lines: {
        1: { out: '7\n' },
        6: { out: /^\n7:0 1048576\n7:0 3145728\n7:0 4\n7:0 5\n7:1 2097152$/ },
        7: { out: '7\n' },
        8: { code: 0, err: 'nothing' },
        9: { out: '77\n' },
        10: { out: '1000\n' },
        11: { code: 0, err: 'nothing' },
        12: { out: 'max\n' },
        14: { out: '7\n' },
        15: { out: /"\/dev\/loop0","Rate":1048576},{"Path":"\/dev\/loop1","Rate":2097152}/ },
      },
    },
    after: ['rm -f -t 0 {row}'],
  },
  {
    name: '--device-cgroup-rule',
    lines: [
      [
        ...'run --rm --network none --cap-add mknod --device-cgroup-rule'.split(' '),
        'c 1:11 r',
        '{image}',
        ...['sh', '-c', 'grep 1:11 /sys/fs/cgroup/devices/devices.list; mknod /k c 1 11 || echo no'],
      ],
      ['run', '--device-cgroup-rule', 'x 1:11 r', '{image}'],
      ['run', '--device-cgroup-rule', 'c 1:y r', '{image}'],
      ['run', '--device-cgroup-rule', 'c 1:1 q', '{image}'],
      ['run', '--device-cgroup-rule', 'frob', '{image}'],
    ],
  },
  shell('--security-opt mask', '--security-opt mask=/bin/ls:/etc', 'wc -c < /bin/ls; echo /etc/*'),
  shell(
    '--security-opt unmask',
    '--security-opt unmask=/proc/sys',
    'mount | grep " /proc/sys " | grep -c "(ro"; mount | grep -c " /proc/irq .*(ro"',
  ),
  shell('--security-opt unmask with a star', '--security-opt unmask=/proc/*', 'mount | grep -c " /proc/"'),
  shell(
    '--security-opt unmask of all',
    '--security-opt unmask=ALL',
    'mount | grep -c -e " /proc/" -e " /sys/firmware"',
  ),
  {
    ...shell('--security-opt proc-opts', '--security-opt proc-opts=hidepid=2', 'mount | grep " /proc "'),
    differs: {
      reason: 'podman takes away what keeps devices and set-user-id programs out',
      lines: { 0: { out: /nosuid,nodev,noexec.*hidepid=/ } },
    },
  },
  shell('--security-opt label=disable', '--security-opt label=disable', 'true'),
  shell('--security-opt apparmor of what is not loaded', '--security-opt apparmor=frob', 'true'),
  shell('--security-opt that there is not', '--security-opt frob=1', 'true'),
  shell(
    '--security-opt seccomp of a file',
    '--security-opt seccomp={dir}/own.json',
    'mkdir /x 2>&1; echo $?; grep Seccomp: /proc/self/status',
    [
      `!printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}' > own.json`,
    ],
  ),
  shell('--security-opt seccomp of no file', '--security-opt seccomp=/nosuch', 'true'),
  shell('--security-opt seccomp of no JSON', '--security-opt seccomp=/etc/passwd', 'true'),
  differing(
    shell(
      '--security-opt seccomp with an action that there is not',
      '--security-opt seccomp={dir}/own.json',
      'true',
      [`!printf '{"syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_FROB"}]}' > own.json`],
    ),
    'it is found before anything is made',
    { code: 125 },
  ),
  shell('--seccomp-policy that there is not', '--seccomp-policy frob', 'true'),
  {
    name: '--requires',
    lines: [
      'create --name {row}a --network none {image} sleep 1000',
      'create --name {row}b --requires {row}a --network none {image} true',
      'create --requires nosuch --network none {image}',
      'start {row}b',
      'ps --filter name={row}a --format {{.State}}',
      'rm -f -t 0 {row}b',
      'rm -f -t 0 {row}a',
    ],
    ignored: [0, 1],
    ignore: / \(?[Uu]p.*/g,
  },
  shell('--env-merge', `--env-merge FROM_IMAGE=<$\{FROM_IMAGE}>$NOSUCH`, 'echo "$FROM_IMAGE"'),
  differing(shell('--env-merge without a value', '--env-merge FROM_IMAGE', 'true'), 'podman breaks down', {
    code: 125,
    err: 'error',
  }),
  {
    name: 'proxies of the host',
    lines: [
      '!http_proxy=http://p:1 NO_PROXY=a OTHER=1 $TOOL run --rm --network none {image} env | grep -i -e proxy -e OTHER | sort',
      '!http_proxy=http://p:1 $TOOL run --rm --network none --http-proxy=false {image} env | grep -ci proxy',
      '!http_proxy=http://p:1 $TOOL run --rm --network none -e http_proxy=mine {image} env | grep proxy',
    ],
  },
  {
    name: '--env-host',
    lines: [
      '!OTHER=1 HOSTNAME=box $TOOL run --rm --network none --hostname inner --env-host {image} env | grep -e OTHER -e HOSTNAME | sort',
    ],
  },
  shell('--expose', '--expose 80 --expose 90-92/udp', 'true'),
  shell('--expose of no port', '--expose frob', 'true'),
  shell('--disable-content-trust', '--disable-content-trust', 'true'),
  {
    name: '--pod-id-file',
    before: ['!$TOOL pod create --infra=false --name {row} > id'],
    lines: [
      'create --pod-id-file {dir}/id --name {row}c {image} true',
      '!test "$($TOOL inspect --format {{.Pod}} {row}c)" = "$(cat id)"; echo $?',
      'run --rm --pod-id-file /nosuch {image} true',
    ],
    ignored: [0],
    after: ['pod rm -f {row}'],
  },
  shell('--attach of stdout', '--attach stdout', 'echo out; echo err >&2'),
  shell('--attach of stderr', '-a stderr', 'echo out; echo err >&2'),
  shell('--attach of both', '-a STDOUT,stderr', 'echo out; echo err >&2'),
  shell('--attach of what is no stream', '-a frob', 'true'),
  shell('a user by number without a line of its own', '--user 1234:0', 'tail -n 1 /etc/passwd; whoami'),
  shell('a user by number with a line of its own', '--user 0', 'grep -c "^0" /etc/passwd'),
  {
    name: '--passwd-entry',
    lines: [
      [
        ...'run --rm --network none --user 1234:0 --workdir /tmp --passwd-entry'.split(' '),
        'me:*:$UID:$GID:none:/home:/bin/sh',
        '{image}',
        ...['tail', '-n', '1', '/etc/passwd'],
      ],
    ],
  },
  shell('--hostuser', '--hostuser bin --workdir /tmp', 'tail -n 1 /etc/passwd'),
  shell('--hostuser that there is not', '--hostuser nosuchuser', 'true'),
];

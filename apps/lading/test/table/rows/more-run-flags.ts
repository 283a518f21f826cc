// SPDX-License-Identifier: Apache-2.0
import type { Line, Row } from '../row.ts';
import { made, shell } from './run-flags.ts';

const group = (controller: string, file: string): string =>
  `cat /sys/fs/cgroup/${controller}/${file} 2>/dev/null || cat /sys/fs/cgroup/${controller}$(grep :${controller}: /proc/1/cgroup | cut -d: -f3)/${file}`;

const profile = (text: string): Line => `!printf '%s' '${text}' > profile.json`;
const seccomp = '--security-opt seccomp={dir}/profile.json';
const noMkdir =
  '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}';

/** Flags of run by their effect: limits, security, the init program, variables and ports. */
export const moreRunFlagRows: readonly Row[] = [
  shell('--init', '--init', 'tr "\\0" " " < /proc/1/cmdline; cat /proc/1/comm; test $$ -gt 1'),
  shell('--init with a path', '--init --init-path /usr/bin/catatonit', 'cat /proc/1/comm'),
  {
    name: '--init reaps what is left behind',
    lines: [
      [
        ...'run --rm --network none --init {image} sh -c'.split(' '),
        '(sleep 0.1 & exec sleep 0.2) & sleep 0.7; for p in /proc/[0-9]*; do cut -d" " -f3 $p/stat; done | grep -c Z',
      ],
    ],
  },
  shell('--init gives the exit code on', '--init', 'exit 7'),
  made('--init in inspect', '--init', '{{.Path}} {{.Args}} {{.HostConfig.Init}}'),
  made('--init-path that is not there', '--init --init-path /nosuch', '{{.Id}}'),

  shell('--memory-swappiness', '--memory-swappiness 7', group('memory', 'memory.swappiness')),
  shell(
    '--oom-kill-disable',
    '--memory 64m --oom-kill-disable',
    group('memory', 'memory.oom_control | head -1'),
  ),
  made('--memory-swappiness in inspect', '--memory-swappiness 7', '{{.HostConfig.MemorySwappiness}}'),
  made('--memory-swappiness that is too much', '--memory-swappiness 101', '{{.Id}}'),
  made('--oom-kill-disable in inspect', '--oom-kill-disable', '{{.HostConfig.OomKillDisable}}'),
  made(
    '--blkio-weight-device in inspect',
    '--blkio-weight-device /dev/null:200',
    '{{json .HostConfig.BlkioWeightDevice}}',
  ),
  made(
    '--device-read-bps in inspect',
    '--device-read-bps /dev/null:1mb',
    '{{json .HostConfig.BlkioDeviceReadBps}}',
  ),
  made(
    '--device-write-bps in inspect',
    '--device-write-bps /dev/null:512',
    '{{json .HostConfig.BlkioDeviceWriteBps}}',
  ),
  made(
    '--device-read-iops in inspect',
    '--device-read-iops /dev/null:7',
    '{{json .HostConfig.BlkioDeviceReadIOps}}',
  ),
  made(
    '--device-write-iops in inspect',
    '--device-write-iops /dev/null:7',
    '{{json .HostConfig.BlkioDeviceWriteIOps}}',
  ),
  made('--device-read-bps of what is not there', '--device-read-bps /dev/nosuch:1mb', '{{.Id}}'),
  made('--device-read-bps that is no rate', '--device-read-bps /dev/null:x', '{{.Id}}'),
  made('--device-read-iops that is no rate', '--device-read-iops /dev/null:1.5', '{{.Id}}'),
  made('--device-cgroup-rule that is none', ['--device-cgroup-rule', 'x 1:3 rwm'], '{{.Id}}'),
  shell(
    '--device-cgroup-rule',
    ['--device-cgroup-rule', 'c 1:11 rwm', '--cap-add', 'MKNOD'],
    'mknod /k c 1 11; head -c0 /k && echo may',
  ),
  shell(
    'a device without a rule',
    '--cap-add MKNOD',
    'mknod /k c 1 11; head -c0 /k 2>/dev/null || echo may not',
  ),

  {
    name: '--device of the Container Device Interface',
    before: [
      `!mkdir -p /run/cdi; printf '{"cdiVersion":"0.3.0","kind":"{tool}.example/thing","devices":[{"name":"one","containerEdits":{"env":["THING=one"],"deviceNodes":[{"path":"/dev/thing","hostPath":"/dev/null","type":"c","major":1,"minor":3}]}}]}' > /run/cdi/{tool}.json`,
    ],
    lines: [
      [
        ...'run --rm --network none --device {tool}.example/thing=one --device /dev/zero:/dev/other {image} sh -c'.split(
          ' ',
        ),
        'echo $THING; stat -c %t:%T /dev/thing /dev/other',
      ],
      'run --rm --network none --device {tool}.example/thing=two {image} true',
    ],
    differs: { reason: 'it is found before anything is made', lines: { 1: { code: 125 } } },
    after: ['!rm /run/cdi/{tool}.json; rmdir /run/cdi || true'],
  },

  shell('seccomp of a file', seccomp, 'mkdir /a 2>&1; echo $?', [profile(noMkdir)]),
  shell('seccomp that is no JSON', seccomp, 'true', [profile('nonsense')]),
  shell('seccomp that is not there', '--security-opt seccomp=/nosuch', 'true'),
  shell('label=disable', '--security-opt label=disable', 'echo ran'),
  shell('apparmor=unconfined', '--security-opt apparmor=unconfined', 'echo ran'),
  shell('mask', '--security-opt mask=/etc/passwd:/bin', 'wc -c < /etc/passwd'),
  shell('unmask=ALL', '--security-opt unmask=ALL', 'mount | grep -c -e "on /proc/" -e "on /sys/firmware"'),
  shell(
    'unmask of one',
    '--security-opt unmask=/proc/kcore',
    'mount | grep -c "on /proc/kcore"; mount | grep -c "on /proc/keys"',
  ),
  shell('unmask of a pattern', '--security-opt unmask=/proc/k*', 'mount | grep -c "on /proc/k"'),
  shell('an option that is none', '--security-opt frob=1', 'true'),
  shell('an option without a value', '--security-opt seccomp', 'true'),

  {
    name: '--http-proxy',
    lines: [
      '!http_proxy=http://x NO_PROXY=y $TOOL run --rm --network none {image} env | grep -i _proxy | sort',
    ],
  },
  {
    name: '--http-proxy=false',
    lines: [
      '!http_proxy=http://x $TOOL run --rm --network none --http-proxy=false {image} env | grep -ci _proxy',
    ],
  },
  {
    name: '--env-host',
    lines: ['!FROB=1 $TOOL run --rm --network none --env-host {image} env | grep ^FROB'],
  },
  {
    name: '--env before --env-host',
    lines: ['!FROB=1 $TOOL run --rm --network none --env-host -e FROB=2 {image} env | grep ^FROB'],
  },
  shell('--env that has nothing to set', ['-e', ''], 'echo ran'),
  shell('--env with spaces before the name', ['-e', ' \tA=1'], 'env | grep A='),
  shell('--env without a name', '-e =1', 'true'),
  {
    name: '--env-file has names, patterns, comments and all that is no syntax',
    before: [
      '!printf \'#A=1\\n \\t#A=1\\n  A1= x \\r\\nA2="x" # y\\nexport A3=1\\nA4\\nA5\\nNO*\\n\\nA6=$A1\' > env',
    ],
    lines: [
      '!A4=given NO=one NOTE=two $TOOL run --rm --network none --env-file {dir}/env {image} env | grep -e A -e ^NO | sort',
      '!echo =1 > env; $TOOL run --rm --network none --env-file {dir}/env {image} env',
      'run --rm --network none --env-file {dir} {image} env',
      '!echo B=2 | $TOOL run --rm --network none --env-file /dev/stdin {image} env | grep ^B',
      'run --rm --network none {image} echo --env-file=/nosuch',
    ],
  },
  shell('--env-merge', ['--env-merge', `A=<$\{FROM_IMAGE}>$NOSUCH.`], 'env | grep ^A='),
  shell(
    '--env-merge of a variable of the image',
    ['--env-merge', `FROM_IMAGE=<$\{FROM_IMAGE}>$NOSUCH.`],
    'env | grep ^FROM',
  ),
  shell('--env before --env-merge', ['--env-merge', 'A=1', '--env', 'A=2'], 'env | grep ^A='),

  {
    name: '--publish-all with --expose',
    before: [
      'create --name {row} -P --expose 7000-7001 --expose 53/udp -p 127.0.0.1:17777:7000 {image} true',
    ],
    lines: [
      "!$TOOL inspect --format '{{json .HostConfig.PortBindings}}' {row} | tr '{},' '\\n' | grep -e tcp -e udp -e 17777 | sort",
    ],
    after: ['rm {row}'],
  },
  made('--expose publishes nothing by itself', '--expose 80', '{{json .HostConfig.PortBindings}}'),
  made('--expose that is no port', '--expose x', '{{.Id}}'),
  made('--disable-content-trust', '--disable-content-trust', '{{.Name}}'),
  {
    name: '--conmon-pidfile',
    before: ['run -d --name {row} --network none --conmon-pidfile {dir}/monitor {image} sleep 1000'],
    lines: ['!cat /proc/$(cat monitor)/comm'],
    after: ['rm -f -t 0 {row}'],
  },
];

// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';
import { differing, made, shell } from './run-flags.ts';

/** What a container is set up for, by flags and by init: systemd, other machines, control groups. */
export const setUpFlagRows: readonly Row[] = [
  shell(
    '--systemd=always',
    '--systemd always',
    'stat -f -c %T /run /run/lock /tmp /var/log/journal; mount | grep -c "systemd type cgroup (rw"; head -c1 /sys/fs/cgroup/systemd/release_agent; env | grep -c "container_uuid=[0-9a-f]\\{32\\}$"',
  ),
  shell(
    '--systemd of a command that is none',
    '--systemd true',
    'mount | grep -c "systemd type cgroup (rw"; env | grep -c container_uuid',
  ),
  {
    name: 'systemd is stopped by its own signal',
    before: [
      [
        ...'run -d --name {row} --network none --systemd always {image} sh -c'.split(' '),
        'trap "exit 7" 37; echo up; while :; do sleep 0.1; done',
      ],
      '!until $TOOL logs {row} | grep up; do sleep 0.1; done',
    ],
    lines: ['stop -t 30 {row}', 'inspect --format {{.State.ExitCode}} {row}'],
    after: ['rm -f -t 0 {row}'],
  },
  {
    name: 'kill with a signal for real time',
    before: [
      [
        ...'run -d --name {row} --network none {image} sh -c'.split(' '),
        'trap "exit 7" 35; trap "echo 64" 64; echo up; while :; do sleep 0.1; done',
      ],
      '!until $TOOL logs {row} | grep up; do sleep 0.1; done',
    ],
    lines: [
      'kill -s RTMAX {row}',
      '!until $TOOL logs {row} | grep 64; do sleep 0.1; done',
      'kill -s SIGRTMIN+1 {row}',
      'wait {row}',
      'kill -s RTMIN+31 {row}',
    ],
    after: ['rm -f -t 0 {row}'],
  },
  {
    name: '--systemd by the name of the command',
    before: [
      'create --name {row}a --network none {image} /usr/lib/systemd/systemd',
      'create --name {row}b --network none {image} /sbin/init',
      'create --name {row}c --network none {image} init',
      'create --name {row}d --network none --systemd false {image} /sbin/init',
    ],
    lines: [
      'inspect --format {{.Config.SystemdMode}} {row}a {row}b {row}c {row}d',
      'create --systemd frob {image}',
    ],
    after: ['rm {row}a {row}b {row}c {row}d'],
  },
  shell(
    '--chrootdirs',
    '--chrootdirs /x,y',
    'grep -c ^127.*localhost /x/etc/hosts; echo z >> /y/etc/hosts; tail -n 1 /etc/hosts',
  ),
  shell('--personality', '--personality LINUX32', 'true'),
  differing(
    shell('--personality that there is not', '--personality FROB', 'true'),
    'runc 1.1 takes no notice of any',
    {
      code: 125,
      err: 'error',
    },
  ),
  shell('--cgroups=no-conmon', '--cgroups no-conmon', 'true'),
  shell('--cgroups=disabled', '--cgroups disabled', 'true'),
  differing(
    shell('--cgroups=split', '--cgroups split', 'true'),
    'podman fails when it starts the container, where no systemd is',
    { code: 125 },
  ),
  made('--cgroups that there is not', '--cgroups frob', '{{.Id}}'),
  made('--cgroup-conf on cgroup v1', '--cgroup-conf memory.high=1000000', '{{.Id}}'),
  made('--cgroup-conf without a value', '--cgroup-conf memory.high', '{{.Id}}'),
  shell('--passwd=false', '--passwd=false --user 1234', 'grep -c 1234 /etc/passwd'),
  {
    name: 'init, then start',
    before: ['create --name {row} --network none {image} echo hi'],
    lines: [
      'init {row}',
      'inspect --format {{.State.Status}},{{.State.Running}},{{.RestartCount}} {row}',
      'ps -a --filter status=initialized --format {{.Names}},{{.Status}}',
      'init {row}',
      'exec {row} true',
      'kill {row}',
      'pause {row}',
      'start -a {row}',
      'inspect --format {{.State.Status}},{{.State.ExitCode}} {row}',
      'init {row}',
      'inspect --format {{.State.Status}} {row}',
      'rm {row}',
    ],
    after: ['rm -f -i {row}'],
  },
  {
    name: 'init, then stop',
    before: ['create --name {row} --rm --network none {image} sleep 1000'],
    lines: [
      'init {row}',
      'stop -t 0 {row}',
      // Who removes it may be at it still.
      '!for i in $(seq 200); do $TOOL container exists {row} || exit 0; sleep 0.1; done; exit 1',
    ],
    after: ['rm -f -i {row}'],
  },
  {
    name: 'init of all',
    before: [
      'create --name {row}a --network none {image} sleep 1000',
      'run -d --name {row}b --network none {image} sleep 1000',
    ],
    lines: [
      'init --all',
      'ps -a --format {{.Names}},{{.State}} --filter name={row} --sort names',
      'init {row}b',
      'init --all {row}b',
      'start --all',
      'ps -a --format {{.Names}},{{.State}} --filter name={row} --sort names',
    ],
    ignored: [0, 4],
    after: ['rm -f -t 0 {row}a {row}b'],
  },
  {
    name: '--rootfs',
    before: [
      'create --name {row}x --network none {image}',
      '!mkdir r && $TOOL export {row}x | tar -x -C r && $TOOL rm {row}x',
    ],
    lines: [
      [...'run --rm --network none --rootfs {dir}/r sh -c'.split(' '), 'pwd; echo $PATH; touch /new'],
      '!rm r/new',
      [...'create --name {row} --network none --rootfs {dir}/r:O sh -c'.split(' '), 'ls /n; touch /n'],
      'start -a {row}',
      'start -a {row}',
      'inspect --format <{{.Rootfs}}><{{.Image}}><{{.ImageName}}><{{.Config.Image}}> {row}',
      'commit {row} {row}',
      'rm {row}',
      '!ls r/n',
      'run --rm --rootfs {dir}/nosuch true',
      'create --rootfs {dir}/r',
    ],
    ignored: [2],
    after: ['rm -f -i {row}'],
  },
  {
    name: '--preserve-fds',
    before: ['!echo three > 3; echo four > 4; $TOOL run -d --name {row} --network none {image} sleep 1000'],
    lines: [
      '!$TOOL run --rm --network none --preserve-fds 2 {image} sh -c "cat <&3; cat <&4; echo /proc/self/fd/*" 3<3 4<4',
      '!$TOOL run --rm --network none --preserve-fds 2 {image} true 3<3',
      '!$TOOL exec --preserve-fds 1 {row} sh -c "cat <&3" 3<3',
      '!$TOOL exec --preserve-fds 2 {row} true 3<3',
    ],
    after: ['rm -f -t 0 {row}'],
  },
  {
    name: '--log-driver passthrough',
    lines: [
      '!echo in | $TOOL run --name {row} --network none --log-driver passthrough {image} sh -c "cat; echo err >&2; exit 3" 2>&1',
      'logs {row}',
      'attach {row}',
      ['inspect', '--format', '{{json .HostConfig.LogConfig}}', '{row}'],
      '!$TOOL run --rm --network none --log-driver passthrough {image} /nosuch 2>/dev/null',
      '!$TOOL run -d --network none --log-driver passthrough --name {row}d {image} echo out > out; $TOOL wait {row}d; sort out | tail -n 1', // the id, of digits and a-f, comes before or after it
    ],
    after: ['rm -f -t 0 {row} {row}d'],
  },
  made('--log-driver none in inspect', '--log-driver none', '{{json .HostConfig.LogConfig}}'),
  {
    name: 'what comes before a command, in inspect',
    before: [
      `!tar -cf - -T /dev/null | $TOOL import -c 'ENTRYPOINT ["/bin/echo","hi"]' -c 'CMD ["a","b"]' - localhost/{row}:1`,
      'create --name {row}a --network none localhost/{row}:1',
      'create --name {row}b --network none localhost/{row}:1 x y',
      [
        'create',
        '--name',
        '{row}c',
        '--network',
        'none',
        '--entrypoint',
        '["/bin/cat","-n"]',
        'localhost/{row}:1',
        'z',
      ],
      'create --name {row}d --network none --init localhost/{row}:1 z',
      'create --name {row}e --network none --entrypoint= {image} ls',
    ],
    lines: [
      [
        'inspect',
        '--format',
        '{{json .Config.Entrypoint}} {{json .Config.Cmd}}',
        ...['a', 'b', 'c', 'd', 'e'].map((letter) => `{row}${letter}`),
      ],
    ],
    after: ['rm {row}a {row}b {row}c {row}d {row}e', 'rmi localhost/{row}:1'],
  },
  made(
    '--cap-add and --cap-drop in inspect',
    '--cap-add net_admin --cap-drop CHOWN',
    '{{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}}',
  ),
  made(
    'the propagation of a mount in inspect',
    '-v /tmp:/h:ro,rslave',
    '{{.HostConfig.Binds}} {{range .Mounts}}{{.Options}} {{.Propagation}}{{end}}',
  ),
  made('--log-opt tag', '--log-opt tag=mine', '{{.HostConfig.LogConfig.Tag}}'),
  made('--log-opt tag without a value', '--log-opt tag', '{{.Id}}'),
  made('--log-driver journald without a journal', '--log-driver journald', '{{.Id}}'),
  {
    name: 'exposed ports in inspect',
    before: ['create --name {row} -p 127.0.0.1:17778:80 --expose 90-91 --expose 53/udp {image}'],
    lines: [
      ['inspect', '--format', '{{json .HostConfig.PortBindings}}', '{row}'],
      ['inspect', '--format', '{{json .NetworkSettings.Ports}}', '{row}'],
      'inspect --format {{.HostConfig.PublishAllPorts}} {row}',
      'ps -a --filter name={row} --format {{.Ports}}',
    ],
    after: ['rm {row}'],
  },
  {
    name: '--rmi',
    before: ['tag {image} localhost/{row}:1'],
    lines: [
      'run --rm --rmi --network none localhost/{row}:1 sh -c exit',
      'image exists localhost/{row}:1',
      'image exists {image}',
    ],
  },
  {
    name: 'system prune with volumes and networks',
    before: [
      'volume create {row}',
      'network create --label a=b {row}',
      'create --name {row} --network none {image}',
    ],
    lines: [
      'system prune --force --filter label=nosuch',
      'system prune --force',
      'volume exists {row}',
      'system prune --force --volumes',
      'volume exists {row}',
      'network exists {row}',
    ],
    after: ['network rm -f {row}', 'volume rm -f {row}'],
  },
  {
    name: 'system renumber, migrate and info',
    before: [
      [
        ...'run -d --name {row} --network none {image} sh -c'.split(' '),
        'trap "exit 0" TERM; echo up; while :; do sleep 0.1; done',
      ],
      '!until $TOOL logs {row} | grep up; do sleep 0.1; done',
    ],
    lines: [
      'system renumber',
      'system migrate',
      'ps --quiet',
      'system migrate --new-runtime nosuch',
      'system info --format {{.Host.OS}}',
      'volume reload',
    ],
    differs: { reason: 'podman says on stdout what is wrong', lines: { 3: { out: '', err: 'error' } } },
    after: ['rm -f -t 0 {row}'],
  },
];

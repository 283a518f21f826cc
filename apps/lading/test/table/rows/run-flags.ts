// SPDX-License-Identifier: Apache-2.0
import type { Different, Line, Row } from '../row.ts';

/** What a shell in a container finds with flags: words, or a text that is cut at spaces. */
export const shell = (
  name: string,
  flags: string | readonly string[],
  script: string,
  before: readonly Line[] = [],
  after: readonly Line[] = [],
): Row => ({
  name,
  before,
  lines: [['run', '--rm', '--network', 'none', ...wordsOf(flags), '{image}', 'sh', '-c', script], ...after],
});

/** What create says of flags, or what inspect then shows. */
export const made = (name: string, flags: string | readonly string[], format: string): Row => ({
  name,
  lines: [
    ['create', '--name', '{row}', '--network', 'none', ...wordsOf(flags), '{image}', 'true'],
    ['inspect', '--format', format, '{row}'],
  ],
  ignored: [0],
  after: ['rm -f -i {row}'],
});

function wordsOf(flags: string | readonly string[]): readonly string[] {
  return typeof flags === 'string' ? flags.split(' ').filter(Boolean) : flags;
}

export const differing = (row: Row, reason: string, line: Different): Row => ({
  ...row,
  differs: { reason, lines: { 0: line } },
});

/** Flags of run by their effect; exec and attach. */
export const runFlagRows: readonly Row[] = [
  shell('no flags', '', 'id -u; id -g; pwd; umask; hostname | wc -c; cat /proc/self/oom_score_adj'),
  // But for files of podman's own, and what newer engines mask.
  shell(
    'mounts',
    '',
    'mount | sed "s/(.*//; s/^overlay.*/root/" | grep -v -e containerenv -e resolv.conf -e /proc/interrupts | sort',
  ),
  shell(
    'options of mounts',
    '',
    'mount | grep -v -e "^overlay" -e hostname -e hosts -e resolv -e containerenv -e "tmpfs on /proc" -e " /dev " | sort',
  ),
  // Not `ls -l`: its minutes may pass between the two.
  shell('devices', '', 'stat -c "%A %U %G %t:%T %N" /dev/*'),
  shell('capabilities are dropped', '--cap-drop all', 'grep Cap /proc/self/status'),
  shell(
    'capabilities are added',
    '--cap-drop all --cap-add net_admin --cap-add SYS_TIME',
    'grep Cap /proc/self/status',
  ),
  shell('a capability that there is not', '--cap-add frob', 'true'),
  shell(
    'capabilities of a user',
    '--user guest --cap-drop all --cap-add chown',
    'grep Cap /proc/self/status',
  ),
  shell('--env', '-e A=1 -e B=two -e C= -e FROM_IMAGE=no', 'env | grep -e ^A -e ^B -e ^C -e FROM'),
  shell('--env without a value', '-e NOSUCHVARIABLE', 'env | grep -c NOSUCH'),
  shell('--env with a star', '-e NOSUCHPREFIX*', 'env | grep -c NOSUCH'),
  shell('--env-file', '--env-file {dir}/env', 'env | grep -e ^X', [
    "!printf 'X1=one\\n# comment\\n\\nX2=a b\\nX3\\n' > env",
  ]),
  shell('--env-file that is not there', '--env-file {dir}/nosuch', 'true'),
  shell('--unsetenv', '--unsetenv FROM_IMAGE', 'env | grep -c FROM_IMAGE'),
  shell('--user by number', '--user 1234:5678', 'id -u; id -g'),
  shell('--user by name', '--user guest', 'id -u; id -g; echo $HOME'),
  shell('--user with a group', '--user guest:0', 'id -u; id -g'),
  shell('--user that is not there', '--user nobodyhere', 'true'),
  shell('--workdir', '--workdir /tmp', 'pwd'),
  differing(
    shell('--workdir that is not there', '--workdir /not/there', 'pwd'),
    'podman refuses it; docker and lading make the folder',
    { code: 0, out: '/not/there\n', err: 'nothing' },
  ),
  differing(
    shell('--workdir that is no path', '--workdir tmp', 'pwd'),
    'it is found before anything is made',
    { code: 125 },
  ),
  shell('--hostname', '--hostname box', 'hostname; grep -c box /etc/hosts'),
  shell('--add-host', '--add-host one:10.0.0.1 --add-host two:10.0.0.2', 'grep 10.0.0 /etc/hosts'),
  shell('--no-hosts', '--no-hosts', 'cat /etc/hosts'),
  shell('--read-only', '--read-only', 'touch /x; echo $?; touch /tmp/x; echo $?; touch /dev/shm/x; echo $?'),
  shell('--read-only without tmpfs', '--read-only --read-only-tmpfs=false', 'touch /tmp/x; echo $?'),
  shell('--tmpfs', '--tmpfs /scratch', 'mount | grep scratch; ls -ld /scratch | cut -c1-10'),
  shell(
    '--tmpfs with options',
    '--tmpfs /scratch:rw,size=1m,mode=755,noexec',
    'mount | grep scratch; ls -ld /scratch | cut -c1-10',
  ),
  shell('--tmpfs over files', '--tmpfs /etc', 'cat /etc/passwd'),
  shell('--tmpfs without the files', '--tmpfs /etc:notmpcopyup', 'ls /etc | grep passwd'),
  shell('--tmpfs at no path', '--tmpfs scratch', 'true'),
  shell('-v of a folder', '-v {dir}:/here', 'cat /here/file; mount | grep -c " /here "', [
    '!echo inside > file',
  ]),
  shell('-v of a folder to read', '-v {dir}:/here:ro', 'touch /here/x; echo $?'),
  shell(
    '-v of a folder as an overlay',
    '-v {dir}:/here:O',
    'echo y > /here/file; cat /here/file',
    ['!echo inside > file'],
    ['!cat file'],
  ),
  shell('-v of a file', '-v {dir}/file:/etc/motd', 'cat /etc/motd', ['!echo inside > file']),
  shell('-v at no path', '-v {dir}:here', 'true'),
  shell('-v with an option that there is not', '-v {dir}:/here:frob', 'true'),
  shell('-v twice at one place', '-v {dir}:/here -v {dir}:/here', 'true'),
  shell('-v with a propagation', '-v {dir}:/here:rslave', 'grep -c " /here .*master" /proc/self/mountinfo'),
  shell('-v with noexec', '-v {dir}:/here:noexec,nosuid', 'mount | grep -c " /here .*noexec"'),
  shell(
    '--mount of a folder',
    '--mount type=bind,src={dir},dst=/here,ro=true',
    'cat /here/file; touch /here/x; echo $?',
    ['!echo inside > file'],
  ),
  shell(
    '--mount of a volume',
    '--mount type=volume,src={row},dst=/here',
    'touch /here/x; ls /here',
    [],
    ['volume rm {row}'],
  ),
  shell(
    '--mount of an image',
    '--mount type=image,src={image},dst=/here',
    'ls /here; touch /here/x; echo $?',
  ),
  shell('--mount without a target', '--mount type=tmpfs', 'true'),
  shell('--mount with an option that there is not', '--mount type=tmpfs,dst=/here,frob=1', 'true'),
  shell(
    '--sysctl',
    '--sysctl net.ipv4.ip_default_ttl=99 --sysctl kernel.msgmax=65536',
    'cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax',
  ),
  shell('--sysctl of the host', '--sysctl kernel.panic=1', 'true'),
  shell('--sysctl without a value', '--sysctl net.ipv4.ip_forward', 'true'),
  shell(
    '--ulimit',
    '--ulimit nofile=512:600 --ulimit nproc=1024:1024 --ulimit core=0',
    'ulimit -n; ulimit -Hn; ulimit -c',
  ),
  shell('--ulimit of one number', '--ulimit nofile=500 --ulimit nproc=1024:1024', 'ulimit -n; ulimit -Hn'),
  shell('--ulimit with soft above hard', '--ulimit nofile=200:100', 'true'),
  shell('--ulimit that there is not', '--ulimit frob=1', 'true'),
  shell(
    '--memory',
    '--memory 64m',
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes',
  ),
  shell(
    '--memory-swap',
    '--memory 64m --memory-swap 96m',
    'cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes',
  ),
  shell(
    '--memory-swap without a limit',
    '--memory 64m --memory-swap -1',
    'cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes',
  ),
  shell('--memory-swap without --memory', '--memory-swap 64m', 'true'),
  shell(
    '--memory-reservation',
    '--memory-reservation 32m',
    'cat /sys/fs/cgroup/memory/memory.soft_limit_in_bytes',
  ),
  shell('--memory that is no size', '--memory lots', 'true'),
  shell(
    '--cpus',
    '--cpus 0.5',
    'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us',
  ),
  shell(
    '--cpu-quota and --cpu-period',
    '--cpu-period 50000 --cpu-quota 20000',
    'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us',
  ),
  shell('--cpus with --cpu-quota', '--cpus 1 --cpu-quota 1000', 'true'),
  shell('--cpu-shares', '--cpu-shares 512', 'cat /sys/fs/cgroup/cpu/cpu.shares'),
  shell('--pids-limit', '--pids-limit 33', 'cat /sys/fs/cgroup/pids/pids.max'),
  shell('--pids-limit of its own', '', 'cat /sys/fs/cgroup/pids/pids.max'),
  shell('--pids-limit without a limit', '--pids-limit -1', 'cat /sys/fs/cgroup/pids/pids.max'),
  shell('--shm-size', '--shm-size 8m', 'mount | grep shm'),
  shell('--shm-size that is none', '--shm-size x', 'true'),
  differing(
    shell('--oom-score-adj that is too much', '--oom-score-adj 2000', 'true'),
    'it is found before anything is made',
    { code: 125 },
  ),
  shell(
    '--security-opt no-new-privileges',
    '--security-opt no-new-privileges',
    'grep NoNewPrivs /proc/self/status',
  ),
  shell(
    '--security-opt seccomp=unconfined',
    '--security-opt seccomp=unconfined',
    'grep Seccomp: /proc/self/status',
  ),
  shell('a seccomp filter', '', 'grep Seccomp: /proc/self/status'),
  shell(
    '--privileged',
    '--privileged',
    'grep -e Seccomp: -e NoNew /proc/self/status; [ -e /dev/kmsg ]; echo $?',
  ),
  shell('--pid host', '--pid host', '[ $$ -gt 1 ]; echo $?'),
  shell('--ipc host', '--ipc host', 'mount | grep -c shm'),
  shell('--ipc that there is not', '--ipc frob', 'true'),
  shell('--uts that there is not', '--uts frob', 'true'),
  shell('--network host', '--network host', 'ls /sys/class/net | grep -c ^lo'),
  shell('--network that there is not', '--network nosuchnetwork', 'true'),
  shell('--entrypoint', '--entrypoint echo', 'x'),
  shell('--entrypoint of several words', '--entrypoint ["echo","a"]', 'x'),
  shell('--entrypoint that is empty', '--entrypoint=', 'echo y'),
  shell('--group-add by name', '--group-add 12 --group-add 34', 'id -G'),
  shell('--umask', '--umask 0077', 'umask'),
  shell('--umask that is none', '--umask 999', 'true'),
  shell('--tz', '--tz UTC', 'ls /etc/localtime'),
  shell('--tz that there is not', '--tz Nowhere/At/All', 'true'),
  shell('--label without a value', '--label onlykey', 'true'),
  shell('--restart with --rm', '--restart always', 'true'),
  shell('--restart that there is not', '--restart sometimes', 'true'),
  shell('--stop-signal that there is not', '--stop-signal FROB', 'true'),
  shell('--pull never of what is there', '--pull never', 'true'),
  shell('--pull that there is not', '--pull sometimes', 'true'),
  shell('--log-driver none', '--log-driver none', 'echo out'),
  shell('--log-driver that there is not', '--log-driver frob', 'true'),
  shell('--publish that is none', '--publish frob', 'true'),
  shell('--device with rights', '--device /dev/null:/dev/void:r', 'ls /dev/void'),
  shell('--device with rights that are none', '--device /dev/null:/dev/void:x', 'true'),
  shell('--cgroupns host', '--cgroupns host', 'true'),
  shell('--cgroupns that there is not', '--cgroupns frob', 'true'),
  shell('--annotation without a value', '--annotation frob', 'true'),
  shell('--dns that is no address', '--dns frob', 'true'),
  shell('--cidfile', '--cidfile {dir}/cid', 'true', [], ['!wc -c < cid']),
  shell('--cidfile that is there', '--cidfile {dir}/cid', 'true', ['!touch cid']),
  shell('--replace without a name', '--replace', 'true'),
  shell('--name that is none', '--name a/b', 'true'),
  shell('--userns host', '--userns host', 'cat /proc/self/uid_map'),
  shell('--userns that there is not', '--userns frob', 'true'),
  shell(
    '--uidmap',
    '--uidmap 0:100000:1000 --gidmap 0:200000:1000',
    'cat /proc/self/uid_map /proc/self/gid_map; ls -ldn /etc | cut -d" " -f1-8',
  ),
  shell('--init-path', '--init-path /nosuch --init', 'true'),
  shell('exit codes', '', 'exit 42'),
  shell('a signal as exit code', '', 'kill -9 $$'),
  shell('stderr and stdout', '', 'echo out; echo err >&2'),
  {
    name: 'a command that is not there',
    lines: ['run --rm --network none {image} /nosuch', 'run --rm --network none {image} nosuch'],
  },
  {
    name: 'a command that is no program',
    lines: ['run --rm --network none {image} /etc/passwd', 'run --rm --network none {image} /etc'],
  },
  {
    name: 'an image that is not there',
    lines: [
      'run --rm --pull never localhost/nosuch true',
      'create --pull never localhost/nosuch',
      'run --rm --pull never localhost/Nosuch true',
    ],
  },
  {
    name: 'create without a command',
    lines: [
      'create --network none --name {row} {image}',
      'ps -a --filter name={row} --format {{.Command}}',
      'rm {row}',
    ],
    ignored: [0],
  },
  {
    name: 'a name that is taken',
    before: ['create --network none --name {row} {image}'],
    lines: [
      'create --network none --name {row} {image}',
      'run --rm --network none --name {row} {image} true',
      'run --rm --replace --network none --name {row} {image} true',
      'ps -a --filter name={row} -q',
    ],
    // podman prints the name of what it replaces.
    ignored: [2],
    after: ['rm -f {row}'],
  },

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

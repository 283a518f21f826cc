// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { describe, expect, it } from 'vitest';
import { createProgram, runLading } from './index.ts';

interface Leaf {
  readonly path: readonly string[];
  readonly spec: CommandSpec;
}

function leaves(commands: readonly CommandSpec[], path: readonly string[] = []): Leaf[] {
  return commands.flatMap((spec) => {
    const here = [...path, spec.name];
    return [{ path: here, spec }, ...leaves(spec.subcommands ?? [], here)];
  });
}

const commands = leaves(createProgram({}).commands).map((leaf) => ({ ...leaf, words: leaf.path.join(' ') }));
const actions = commands.filter(({ spec }) => spec.load !== undefined);

async function lading(argv: readonly string[], env: Record<string, string> = {}) {
  let out = '';
  let err = '';
  const code = await runLading(argv, {
    stdin: (async function* () {})(),
    stdinIsTerminal: false,
    stdout: (data) => {
      out += data;
    },
    stderr: (data) => {
      err += data;
    },
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    env,
    cwd: '/',
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

describe('every command', () => {
  it.each(commands)('$words has help in podman’s shape', async ({ path, spec }) => {
    const { code, out, err } = await lading([...path, '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^\S.*\n\nDescription:\n {2}\S/);
    expect(out).toContain(`Usage:\n  lading ${path.join(' ')}`);
    expect(spec.summary).not.toMatch(/\.$/);
    for (const example of spec.examples ?? []) expect(example).toMatch(`lading ${path.join(' ')}`);
  });

  it.each(commands)('$words puts [options] before ARGUMENTS in capitals', ({ spec }) => {
    if (spec.load === undefined) return;
    const takesFlags = (spec.flags ?? []).length > 0;
    expect(spec.usage.includes('[options]')).toBe(takesFlags);
    const words = spec.usage.replace(spec.name, '').replace('[options]', '');
    expect(words).toBe(words.toUpperCase());
    expect(words.trim() === '').toBe(spec.args === undefined || spec.args.max === 0);
  });

  it.each(actions)('$words refuses an unknown flag with 125', async ({ path }) => {
    expect(await lading([...path, '--frob'])).toEqual({
      code: 125,
      out: '',
      err: `Error: unknown flag: --frob\nSee 'lading ${path.join(' ')} --help'\n`,
    });
  });

  it.each(actions.filter(({ spec }) => spec.args?.max !== undefined || spec.args === undefined))(
    '$words refuses too many arguments with 125',
    async ({ path, spec }) => {
      const words = Array.from({ length: (spec.args?.max ?? 0) + 1 }, () => 'x');
      const { code, out, err } = await lading([...path, ...words]);
      expect({ code, out }).toEqual({ code: 125, out: '' });
      expect(err).toMatch(/^Error: .*(takes no arguments|accepts (at most |between )?\d.*received \d)\n$/);
    },
  );

  it.each(actions.filter(({ spec }) => (spec.args?.min ?? 0) > 0))(
    '$words refuses too few arguments with 125',
    async ({ path }) => {
      const { code, err } = await lading(path);
      expect({ code, lines: err.split('\n').length }).toEqual({ code: 125, lines: 2 });
      expect(err).toMatch(/^Error: /);
    },
  );

  it.each(actions)('$words has code to load', async ({ spec }) => {
    expect(typeof (await spec.load?.())?.run).toBe('function');
  });
});

describe('a mistake is found before anything is opened', () => {
  // A root that cannot be made: opening the store would say something else.
  const env = { LADING_ROOT: '/proc/no', LADING_RUNROOT: '/proc/no' };
  const cases: [string, string][] = [
    ['run --memory x image', 'invalid size: "x"'],
    [
      'run --cpus x image',
      'invalid argument "x" for "--cpus" flag: strconv.ParseFloat: parsing "x": invalid syntax',
    ],
    ['run --pull sometimes image', 'unsupported pull policy "sometimes"'],
    ['run -v /proc/no:/x image', 'statfs /proc/no: no such file or directory'],
    ['run -v /a:x image', 'invalid container path "x", must be an absolute path'],
    [
      'run -v a/b:/x image',
      '"a/b" is neither a path nor the name of a volume: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*',
    ],
    ['run -v /tmp:/x -v /:/x image', '/x: duplicate mount destination'],
    ['run -v /tmp:/x:frob image', 'invalid mount option "frob"'],
    [
      'run --mount type=frob,target=/x image',
      'invalid filesystem type "frob": use bind, volume, tmpfs, image or glob',
    ],
    ['run --mount type=bind,source=/tmp,target=/x,frob=1 image', 'frob: invalid mount option'],
    ['run --tmpfs x image', 'invalid container path "x", must be an absolute path'],
    ['run -p 0 image', 'invalid port number in "0"'],
    ['run -p 1-2:3 image', 'port ranges in "1-2:3" do not have the same length'],
    ['run -p 80/frob image', 'unrecognized protocol in "80/frob": use tcp, udp or sctp'],
    ['run -p 300.1.1.1:80:80 image', 'invalid IP address in port mapping "300.1.1.1:80:80"'],
    ['run --ulimit nofile image', 'invalid ulimit argument: "nofile": use NAME=SOFT[:HARD]'],
    [
      'run --ulimit nofile=9:3 image',
      'ulimit soft limit must be less than or equal to hard limit: "nofile=9:3"',
    ],
    ['run --dns x image', 'x is not an ip address'],
    ['run --add-host x:y image', 'invalid IP address in add-host: "y"'],
    ['run --sysctl x image', '--sysctl "x" must be formatted as KEY=VALUE'],
    ['run -w x image', 'workdir "x" is invalid: it needs to be an absolute path'],
    [
      'run --security-opt seccomp=/nosuch image',
      'opening seccomp profile failed: open /nosuch: no such file or directory',
    ],
    ['run --blkio-weight 5 image', 'invalid block weight "5": use 10 to 1000'],
    ['run --health-cmd [] image', '--health-cmd is an empty list: give it a command, or none'],
    [
      'run --log-driver syslog image',
      'unsupported log driver "syslog": use k8s-file, json-file, journald, none, passthrough',
    ],
    ['run --log-opt tag image', 'unsupported log option "tag": use path=FILE, max-size=SIZE or tag=WORD'],
    ['run --systemd no image', '--systemd values must be one of "true, false, always", not "no"'],
    ['run --sdnotify frob image', 'invalid sdnotify value "frob": must be container, conmon or ignore'],
    [
      'run --rootfs /no/such true',
      '--rootfs "/no/such": there is no folder /no/such; it can be followed by :O or :idmap only',
    ],
    [
      'volume create -o device=x -o o=bind v',
      'volume device "x" is not supported: use o=bind with an absolute path',
    ],
    [
      'volume create -o type=tmpfs -o o=size v',
      'volume option o=size is not supported: use mode, nr_inodes, size, uid, gid with values',
    ],
    ['volume create -o o=bind v', 'volume device "" is not supported: use o=bind with an absolute path'],
    ['run --network a/b image', 'invalid network "a/b": use bridge, host, none or the name of a network'],
    [
      'run --cidfile /proc/version image',
      'container id file exists. Ensure another container is not using it or delete /proc/version',
    ],
    ['run --replace image', 'cannot replace container without --name being set'],
    ['create --shm-size x image', 'invalid size: "x"'],
    ['stop', 'you must provide at least one name or id'],
    ['stop -a x', '--all and containers cannot be used together'],
    ['rm', 'you must provide at least one name or id'],
    ['kill -s FROB x', 'invalid signal: FROB'],
    ['rmi', 'image name or ID must be specified'],
    ['start -a x y', 'you cannot start and attach multiple containers at once'],
    [
      'inspect --type frob x',
      'invalid type "frob": must be "image", "container", "pod", "network", "volume", or "all"',
    ],
    ['logs --since frob x', 'failed to parse time: "frob" is no date, Unix time or duration'],
  ];
  it.each(cases)('%s', async (line, message) => {
    const { code, out, err } = await lading(line.split(' '), env);
    expect({ code, out, err: err.split('\n')[0] }).toEqual({ code: 125, out: '', err: `Error: ${message}` });
  });
});

describe('lading', () => {
  it('takes defaults of global flags from its environment', async () => {
    const { out } = await lading(['--help'], { LADING_ROOT: '/a', LADING_RUNTIME: 'crun' });
    expect(out).toMatch(/--root string .*\(default "\/a"\)/);
    expect(out).toMatch(/--runtime string .*\(default "crun"\)/);
  });

  it('prints its version as templates and JSON too', async () => {
    const version = (await lading(['--version'])).out.replace('lading version ', '').trim();
    expect((await lading(['version', '--format', '{{.Client.Version}}'])).out.trim()).toBe(version);
    expect(JSON.parse((await lading(['version', '-f', 'json'])).out)).toMatchObject({
      Client: { Version: version },
    });
    expect((await lading(['version', '-f', '{{.Foo}}'])).err).toContain("can't evaluate field Foo");
  });

  it('does not list internal commands', async () => {
    expect((await lading(['container', '--help'])).out).not.toContain('cleanup');
  });
});

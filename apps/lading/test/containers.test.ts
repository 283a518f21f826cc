// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, eventually, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const run = (flags: string, ...command: readonly string[]) =>
  world.lading([...`run --network none ${flags}`.trim().split(' '), world.image, ...command]);

const names = async () => (await world.lading(['ps', '-a', '--format', '{{.Names}}'])).out;

describe('lading run', () => {
  const cases: [string, string[], object][] = [
    ['prints what the command prints', ['echo', 'hello'], { code: 0, out: 'hello\n', err: '' }],
    ['keeps the two streams apart', ['sh', '-c', 'echo a; echo b >&2'], { code: 0, out: 'a\n', err: 'b\n' }],
    ['ends with the code of the command', ['sh', '-c', 'exit 7'], { code: 7, out: '', err: '' }],
    [
      'ends with 137 when the command is killed',
      ['sh', '-c', "sh -c 'kill -9 $$'; exit $?"],
      { code: 137, out: '', err: 'Killed\n' },
    ],
    [
      'knows the environment of the image',
      ['sh', '-c', 'echo $FROM_IMAGE'],
      { code: 0, out: 'yes\n', err: '' },
    ],
  ];
  it.each(cases)('%s', async (_name, command, expected) => {
    expect(await run('--rm', ...command)).toEqual(expected);
  });

  it('ends with 127 when the command is not there', async () => {
    const { code, out, err } = await run('--rm', 'nosuch');
    expect({ code, out }).toEqual({ code: 127, out: '' });
    expect(err).toMatch(
      /^Error: runc: .*"nosuch".*: OCI runtime attempted to invoke a command that was not found\n$/,
    );
  });

  it('ends with 126 when the command is no program', async () => {
    expect((await run('--rm', '/etc/passwd')).code).toBe(126);
  });

  it('leaves nothing behind with --rm', async () => {
    expect(await names()).toBe('');
    const containers = JSON.parse(
      await readFile(join(world.env.LADING_ROOT ?? '', 'overlay-containers/containers.json'), 'utf8'),
    );
    expect(containers).toEqual([]);
  });

  it('carries a megabyte without a gap', async () => {
    const { out } = await run('--rm', 'seq', '1', '150000');
    expect(out).toBe(Array.from({ length: 150_000 }, (_, index) => `${index + 1}\n`).join(''));
  });

  it('feeds stdin with -i', async () => {
    const words = ['run', '--rm', '-i', '--network', 'none', world.image, 'cat'];
    expect(await world.lading(words, 'from outside\n')).toEqual({ code: 0, out: 'from outside\n', err: '' });
  });

  it('sets what the flags say', async () => {
    const file = join(world.dir, 'env');
    await writeFile(file, '# a comment\nFILE=1\nBOTH=file\n');
    await writeFile(join(world.dir, 'shared'), 'seen');
    const flags = [
      `--env-file ${file} -e BOTH=flag -e FLAG=2 -w /tmp -u guest --hostname box`,
      `-v ${world.dir}/shared:/shared:ro --tmpfs /scratch:size=1m --read-only`,
    ].join(' ');
    const script =
      'echo $FILE $BOTH $FLAG; pwd; id -u; hostname; cat /shared; echo; touch /x 2>&1; touch /scratch/y && echo ok';
    const { code, out } = await run(`--rm ${flags}`, 'sh', '-c', script);
    expect({ code, out }).toEqual({
      code: 0,
      out: '1 flag 2\n/tmp\n1000\nbox\nseen\ntouch: /x: Read-only file system\nok\n',
    });
  });

  it('limits memory and processes', async () => {
    const { out } = await run(
      '--rm --memory 64m --pids-limit 50 --cpus 0.5',
      'sh',
      '-c',
      'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null',
    );
    expect(out).toBe('67108864\n50\n');
  });

  it('writes the id where --cidfile says, and refuses a file that is there', async () => {
    const file = join(world.dir, 'cid');
    const { out } = await run(`-d --rm --cidfile ${file}`, 'true');
    expect(await readFile(file, 'utf8')).toBe(out.trim());
    expect((await run(`--rm --cidfile ${file}`, 'true')).err).toContain('container id file exists');
    // Its monitor has it removed, in its own time.
    await eventually(names, (left) => left === '');
  });

  it('gives a network with an address and a published port', async () => {
    const words = [
      ...['run', '-d', '--name', 'server', '-p', '127.0.0.1::8000', world.image],
      ...[
        'sh',
        '-c',
        'mkdir -p /tmp/www; while :; do echo -e "HTTP/1.0 200 OK\\r\\n\\r\\nserved" | nc -l -p 8000; done',
      ],
    ];
    expect(await world.lading(words)).toMatchObject({ code: 0, err: '' });
    const { out } = await world.lading('port server 8000');
    expect(out).toMatch(/^127\.0\.0\.1:\d+\n$/);
    const format = '{{.NetworkSettings.IPAddress}}';
    expect((await world.lading(['inspect', '--format', format, 'server'])).out).toMatch(
      /^10\.86\.77\.\d+\n$/,
    );
    await world.lading('rm -f -t 0 server');
  });

  it('replaces a container of the same name only when asked to', async () => {
    expect((await run('--name twice', 'echo', 'one')).code).toBe(0);
    const { code, err } = await run('--name twice', 'echo', 'two');
    expect(code).toBe(125);
    expect(err).toMatch(/^Error: .*"?twice"? is already in use.*\n$/);
    expect(await run('--replace --name twice', 'echo', 'two')).toEqual({ code: 0, out: 'two\n', err: '' });
    await world.lading('rm twice');
  });

  it.each([
    ['-v /proc/no:/x', 125],
    ['--user nosuch', 126],
    ['--network nosuch', 125],
    ['--cap-add NOSUCH', 125],
  ])('leaves nothing behind of a start that fails: %s', async (flags, expected) => {
    const { code, out } = await world.lading([...`run --rm ${flags}`.split(' '), world.image, 'true']);
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(await names()).toBe('');
  });
});

describe('a container in the background', () => {
  it('lives from run to rmi', async () => {
    const started = await run('-d --name job -l a=b', 'sh', '-c', 'echo out; echo err >&2; sleep 1000');
    const id = started.out.trim();
    expect(started).toEqual({ code: 0, out: expect.stringMatching(/^[\da-f]{64}\n$/), err: '' });

    const ps = await world.lading('ps');
    expect(ps.out).toMatch(
      /^CONTAINER ID {2}IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n[\da-f]{12} {2}\S+\/demo\/hello:latest {2}sh -c echo out; e\.\.\. {2}.* ago {2}Up .* ago +job\n$/,
    );
    expect((await world.lading('ps -q --no-trunc --filter label=a=b')).out.trim()).toBe(id);
    expect((await world.lading('ps -q --filter label=a=c')).out).toBe('');

    const logs = await eventually(
      () => world.lading('logs job'),
      ({ out, err }) => out !== '' && err !== '',
    );
    expect(logs).toEqual({ code: 0, out: 'out\n', err: 'err\n' });
    expect((await world.lading('logs -t --tail 1 job')).err).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d) err\n$/,
    );

    expect(await world.lading(['exec', 'job', 'sh', '-c', 'echo in; exit 9'])).toEqual({
      code: 9,
      out: 'in\n',
      err: '',
    });
    expect(await world.lading('exec -i job cat', 'through')).toEqual({ code: 0, out: 'through', err: '' });
    expect((await world.lading('exec job nosuch')).code).toBe(127);
    expect((await world.lading('exec job /etc/passwd')).code).toBe(126);
    expect((await world.lading('exec -e A=1 -w /tmp -u 1000 job sh -c pwd')).out).toBe('/tmp\n');
    expect((await world.lading('top job')).out).toMatch(/^USER +PID +PPID.*\n(.*\n)*.*sleep 1000\n$/);

    const inspected = JSON.parse((await world.lading(`inspect ${id.slice(0, 12)}`)).out);
    expect(inspected).toMatchObject([
      { Id: id, Name: 'job', State: { Status: 'running' }, Config: { Labels: { a: 'b' } } },
    ]);

    expect(await world.lading('rm job')).toMatchObject({ code: 2, out: '' });
    expect(await world.lading('rename job work')).toEqual({ code: 0, out: '', err: '' });
    expect(await world.lading('stop -t 0 work')).toEqual({ code: 0, out: 'work\n', err: '' });
    expect((await world.lading('ps -q')).out).toBe('');
    expect((await world.lading(['ps', '-a', '--format', '{{.Names}} {{.Status}}'])).out).toMatch(
      /^work Exited \(137\) .* ago\n$/,
    );
    expect((await world.lading('exec work true')).code).toBe(255);
    expect((await world.lading('kill work')).err).toContain('can only kill running containers');
    expect(await world.lading('wait work')).toEqual({ code: 0, out: '137\n', err: '' });

    const used = `Error: image used by ${id}: image is in use by a container: consider listing external containers and force-removing image\n`;
    expect(await world.lading(`rmi ${world.image}`)).toEqual({ code: 2, out: '', err: used });
    expect(await world.lading('rmi --all')).toEqual({ code: 2, out: '', err: used });
    expect(await world.lading('start work')).toEqual({ code: 0, out: 'work\n', err: '' });
    expect(await world.lading('rm -f -t 0 work')).toEqual({ code: 0, out: 'work\n', err: '' });
    expect(await names()).toBe('');
  });

  it('is gone by itself after --rm', async () => {
    await run('-d --rm --name brief', 'true');
    await eventually(names, (out) => out === '');
  });

  it('starts again attached', async () => {
    await run('--name again', 'sh', '-c', 'echo once more; exit 3');
    expect(await world.lading('start -a again')).toEqual({ code: 3, out: 'once more\n', err: '' });
    await world.lading('rm again');
  });

  it('is followed to its end by logs -f', async () => {
    await run('-d --name slow', 'sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.1; done');
    expect(await world.lading('logs -f slow')).toEqual({ code: 0, out: '1\n2\n3\n', err: '' });
    await world.lading('rm -f slow');
  });

  it('is made by create and told by --format json', async () => {
    const { out } = await world.lading(`create --name made -p 8080:80 ${world.image} echo a`);
    const [made] = JSON.parse((await world.lading('ps -a --format json')).out);
    expect(made).toMatchObject({
      Id: out.trim(),
      Names: ['made'],
      State: 'created',
      Status: 'Created',
      Command: ['echo', 'a'],
      Ports: [{ container_port: 80, host_port: 8080, protocol: 'tcp' }],
    });
    expect((await world.lading('port made')).out).toBe('80/tcp -> 0.0.0.0:8080\n');
    await world.lading('rm made');
  });
});

describe('a name that no container has', () => {
  const sentence = 'no container with name or ID "nosuch" found: no such container';
  it.each([
    ['logs nosuch', 125],
    ['stop nosuch', 125],
    ['kill nosuch', 125],
    ['start nosuch', 125],
    ['start -a nosuch', 125],
    ['wait nosuch', 125],
    ['port nosuch', 125],
    ['rename nosuch x', 125],
    ['top nosuch', 125],
    ['pause nosuch', 125],
    ['exec nosuch ls', 125],
    ['rm nosuch', 1],
  ])('%s', async (line, code) => {
    expect(await world.lading(line)).toEqual({ code, out: '', err: `Error: ${sentence}\n` });
  });

  it('is no matter for rm -f', async () => {
    expect(await world.lading('rm -f nosuch')).toEqual({ code: 0, out: '', err: '' });
  });

  it('has no folder in the state', async () => {
    const entries = await readdir(join(world.env.LADING_ROOT ?? '', 'lading/containers')).catch(() => []);
    expect(entries).toEqual([]);
  });
});

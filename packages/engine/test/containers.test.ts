// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerOptions, Engine, RunResult } from '../src/index.ts';
import { type House, openHouse, removeAllContainers, until } from './support.ts';

let house: House;
let engine: Engine;
beforeAll(async () => {
  house = await openHouse();
  engine = await house.engine();
});
afterAll(() => house?.close());
afterEach(async () => {
  await removeAllContainers(engine);
  expect(house.leftovers()).toEqual([]);
});

const image = 'busybox';
const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Runs a shell line, and gives all it wrote. */
async function run(
  line: string,
  options: Partial<ContainerOptions> = {},
): Promise<RunResult & { out: string; err: string }> {
  let [out, err] = ['', ''];
  const result = await engine.containers.run(
    { image, command: ['sh', '-c', line], network: 'none', autoRemove: true, ...options },
    {
      attach: {
        stdout: (chunk) => {
          out += decode(chunk);
        },
        stderr: (chunk) => {
          err += decode(chunk);
        },
      },
    },
  );
  return { ...result, out, err };
}

async function started(line: string, options: Partial<ContainerOptions> = {}): Promise<string> {
  const { id } = await engine.containers.create({
    image,
    command: ['sh', '-c', line],
    network: 'none',
    ...options,
  });
  await engine.containers.start(id);
  return id;
}

async function logsOf(ref: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of engine.containers.logs(ref)) lines.push(`${entry.stream} ${decode(entry.text)}`);
  return lines;
}

/** Runs until its signal. */
const loop = 'trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done';

describe('run', () => {
  it('gives output, exit code, and removes what it was asked to remove', async () => {
    const result = await run('echo out; echo err >&2; exit 7');
    expect(result).toMatchObject({
      exitCode: 7,
      oomKilled: false,
      detached: false,
      out: 'out\n',
      err: 'err\n',
    });
    expect(await engine.containers.list({ all: true })).toEqual([]);
  });

  it('keeps a container without autoRemove, cleaned up', async () => {
    const { id } = await run('exit 2', { autoRemove: false });
    const info = await engine.containers.inspect(id);
    expect(info).toMatchObject({ status: 'exited', pid: 0, exit: { exitCode: 2 } });
    expect(info.run).toBeUndefined();
    expect(house.leftovers()).toEqual([]);
  });

  it('feeds stdin to its end', async () => {
    let out = '';
    const result = await engine.containers.run(
      { image, command: ['cat'], network: 'none', autoRemove: true, stdin: true, stdinOnce: true },
      {
        attach: {
          stdin: (async function* () {
            for (let i = 0; i < 50; i += 1) yield new Uint8Array(10_000).fill(97);
          })(),
          stdout: (chunk) => {
            out += decode(chunk);
          },
        },
      },
    );
    expect(result.exitCode).toBe(0);
    expect(out).toBe('a'.repeat(500_000));
  });

  it.each([
    [['no-such-command'], 'not_found', 'COMMAND_NOT_FOUND'],
    [['/etc/passwd'], 'permission_denied', 'COMMAND_NOT_EXECUTABLE'],
    [['/etc'], 'permission_denied', 'COMMAND_NOT_EXECUTABLE'],
  ])('undoes everything when %j cannot run', async (command, code, reason) => {
    const call = engine.containers.run({ image, command, network: 'none', autoRemove: true });
    await expect(call).rejects.toMatchObject({ code, reason });
    expect(await engine.containers.list({ all: true })).toEqual([]);
    expect(house.leftovers()).toEqual([]);
  });

  it('leaves a container that could not start as it was', async () => {
    const { id } = await engine.containers.create({ image, command: ['nope'], network: 'none' });
    await expect(engine.containers.start(id)).rejects.toMatchObject({ reason: 'COMMAND_NOT_FOUND' });
    expect(house.leftovers()).toEqual([]);
    const info = await engine.containers.inspect(id);
    expect(info.status).toBe('created');
    expect(info.run).toBeUndefined();
  });
});

describe('create', () => {
  it('refuses a name in use before anything is made', async () => {
    await engine.containers.create({ image, name: 'taken', network: 'none' });
    const again = engine.containers.create({ image: 'not-there', pull: 'never', name: 'taken' });
    await expect(again).rejects.toMatchObject({ code: 'already_exists', reason: 'NAME_IN_USE' });
    expect(await engine.containers.list({ all: true })).toHaveLength(1);
  });

  it('lets one of two that ask at once have the name', async () => {
    const results = await Promise.allSettled(
      [1, 2, 3].map(() => engine.containers.create({ image, name: 'race', network: 'none' })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await engine.containers.list({ all: true })).toHaveLength(1);
  });

  it('says that an image is not known', async () => {
    await expect(engine.containers.create({ image: 'nothing', pull: 'never' })).rejects.toMatchObject({
      code: 'not_found',
      reason: 'IMAGE_UNKNOWN',
    });
  });

  it.each<Partial<ContainerOptions>>([
    { name: '../x' },
    { mounts: [{ type: 'bind', source: 'etc', target: '/x' }] },
    { mounts: [{ type: 'tmpfs', target: 'x' }] },
    { portMappings: [{ containerPort: 80, hostPort: 70_000 }] },
    { workdir: 'relative' },
    { hostname: 'a b' },
    { stdinOnce: true },
    { logPath: '/a:b' },
    { env: { '': 'x' } },
  ])('refuses %j', async (options) => {
    await expect(engine.containers.create({ image, network: 'none', ...options })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    expect(await engine.containers.list({ all: true })).toEqual([]);
  });

  it('mounts nothing', async () => {
    await engine.containers.create({ image, network: 'none' });
    expect(house.leftovers()).toEqual([]);
  });
});

describe('what the container sees', () => {
  it('is the environment of the image and the caller', async () => {
    const { out } = await run('echo $FROM_IMAGE $MINE $HOME $HOSTNAME', {
      env: { MINE: 'two words' },
      hostname: 'box',
    });
    expect(out).toBe('yes two words /root box\n');
  });

  it('is the user that its own files name', async () => {
    const { out } = await run('id -u; id -g; id -G; cd; pwd', { user: 'web' });
    expect(out).toBe('33\n34\n34 40\n/srv\n');
  });

  it('is a refusal for a user that it does not know', async () => {
    await expect(run('true', { user: 'nobody-here' })).rejects.toMatchObject({ reason: 'USER_UNKNOWN' });
  });

  it('is only lo with network none', async () => {
    const { out } = await run('ls /sys/class/net; ping -c 1 -W 1 127.0.0.1 | grep -c "1 packets received"', {
      capabilities: { add: ['NET_RAW'] },
    });
    expect(out).toBe('lo\n1\n');
  });

  it('is what was mounted, as it was mounted', async () => {
    const { out, err } = await run(
      'cat /host/passwd | grep -c root:; echo x > /host/new; echo y > /memory/y; cat /memory/y',
      {
        mounts: [
          { type: 'bind', source: join(house.root, 'image/rootfs/etc'), target: '/host', readOnly: true },
          { type: 'tmpfs', target: '/memory', sizeBytes: 1024 * 1024 },
        ],
      },
    );
    expect(out).toBe('1\ny\n');
    expect(err).toMatch(/Read-only file system/);
  });

  it('is a clear error when a mount source is missing', async () => {
    const mounts = [{ type: 'bind', source: '/no/such/place', target: '/x' }] as const;
    await expect(run('true', { mounts })).rejects.toMatchObject({ reason: 'MOUNT_SOURCE_MISSING' });
    expect(house.leftovers()).toEqual([]);
  });

  it('is a root that cannot be written when asked for', async () => {
    const { err, exitCode } = await run('echo x > /x', { readOnlyRootfs: true });
    expect(err).toMatch(/Read-only file system/);
    expect(exitCode).not.toBe(0);
  });

  it('is limited, and what cannot be given is clamped', async () => {
    const { out } = await run(
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max; cat /proc/self/oom_score_adj >/dev/null && echo fine',
      {
        resources: { memoryBytes: 64 * 1024 * 1024, pidsLimit: 50, cpuShares: 256 },
        rlimits: [{ type: 'nofile', soft: 1_000_000_000, hard: -1 }],
        oomScoreAdj: -999,
      },
    );
    expect(out).toBe('67108864\nfine\n');
  });

  it('is the capabilities that were left, also when privileged', async () => {
    const dropped = await run('grep CapEff /proc/self/status', { capabilities: { drop: ['ALL'] } });
    expect(dropped.out).toBe('CapEff:\t0000000000000000\n');
    expect((await run('ls /dev/kmsg', { privileged: true })).exitCode).toBe(0);
  });

  it('is a filter of system calls, also for an exec, unless it is privileged or unconfined', async () => {
    const modeOf = (text: string): string | undefined => /^Seccomp:\s*(\d)$/m.exec(text)?.[1];
    const line = 'cat /proc/self/status';
    expect(modeOf((await run(line)).out)).toBe('2');
    expect(modeOf((await run(line, { seccomp: 'unconfined' })).out)).toBe('0');
    expect(modeOf((await run(line, { privileged: true })).out)).toBe('0');
    const id = await started(loop);
    const { stdout } = await engine.containers.execSync(id, { command: ['sh', '-c', line] });
    expect(modeOf(decode(stdout))).toBe('2');
    // The capability opens what the filter closes without it.
    const named = 'hostname other && hostname';
    expect((await run(named)).exitCode).toBe(1);
    expect((await run(named, { capabilities: { add: ['SYS_ADMIN'] } })).out).toBe('other\n');
  });

  it('is a killed process when memory runs out', async () => {
    const result = await run('x=a; while :; do x=$x$x; done', {
      resources: { memoryBytes: 16 * 1024 * 1024 },
    });
    expect(result).toMatchObject({ exitCode: 137, oomKilled: true });
  });

  it('is a terminal when asked for', async () => {
    const { out } = await run('ls -l /proc/self/fd/0; echo $TERM', { terminal: true });
    expect(out).toMatch(/\/dev\/pts\/0\r\nxterm\r\n$/);
  });
});

describe('a container in the background', () => {
  it('runs, logs, takes commands, stops and goes', async () => {
    const id = await started(loop, { name: 'web' });
    expect(await engine.containers.inspect('web')).toMatchObject({ id, status: 'running' });
    await until(async () => (await logsOf('web')).length > 0);
    expect(await logsOf('web')).toEqual(['stdout ready']);
    const done = await engine.containers.execSync('web', {
      command: ['sh', '-c', 'echo $X; id -u; echo no >&2; exit 4'],
      env: { X: 'set' },
      user: 'web',
    });
    expect({ ...done, stdout: decode(done.stdout), stderr: decode(done.stderr) }).toEqual({
      exitCode: 4,
      stdout: 'set\n33\n',
      stderr: 'no\n',
    });
    expect(await engine.containers.stop('web')).toMatchObject({ status: 'exited', exit: { exitCode: 3 } });
    expect(house.leftovers()).toEqual([]);
    expect(await logsOf('web')).toEqual(['stdout ready']);
    await engine.containers.remove('web');
    expect(await engine.containers.exists(id)).toBe(false);
  });

  it('keeps its files from one start to the next', async () => {
    const { id } = await run('echo 1 >> /count; cat /count; test $(cat /count | grep -c 1) = 2', {
      autoRemove: false,
    });
    expect((await engine.containers.inspect(id)).exit?.exitCode).toBe(1);
    await engine.containers.start(id);
    expect(await engine.containers.wait(id)).toMatchObject({ exitCode: 0 });
    expect((await engine.containers.inspect(id)).restartCount).toBe(1);
  });

  it('can be paused, killed while paused, counted and listed', async () => {
    const id = await started(loop);
    expect((await engine.containers.stats(id)).processes).toBeGreaterThan(0);
    expect((await engine.containers.processes(id)).length).toBeGreaterThan(0);
    await engine.containers.pause(id);
    expect((await engine.containers.list()).map(({ status }) => status)).toEqual(['paused']);
    await expect(engine.containers.pause(id)).rejects.toMatchObject({ code: 'failed_precondition' });
    expect(await engine.containers.stop(id, { timeoutMs: 0 })).toMatchObject({ exit: { exitCode: 137 } });
    expect(await engine.containers.list()).toEqual([]);
  });

  it('is killed when it does not heed its stop signal', async () => {
    const id = await started('trap "" TERM; echo ready; while :; do sleep 0.05; done');
    await until(async () => (await logsOf(id)).length > 0);
    expect((await engine.containers.stop(id, { timeoutMs: 100 })).exit?.exitCode).toBe(137);
  });

  it('is not removed or started while it runs, unless by force', async () => {
    const id = await started(loop);
    await expect(engine.containers.remove(id)).rejects.toMatchObject({ reason: 'CONTAINER_RUNNING' });
    await expect(engine.containers.start(id)).rejects.toMatchObject({ reason: 'CONTAINER_RUNNING' });
    await engine.containers.remove(id, { force: true });
    await expect(engine.containers.inspect(id)).rejects.toMatchObject({ reason: 'CONTAINER_UNKNOWN' });
  });

  it('can be renamed while it runs', async () => {
    const id = await started(loop, { name: 'before' });
    await engine.containers.rename('before', 'after');
    expect((await engine.containers.inspect('after')).id).toBe(id);
    await expect(engine.containers.inspect('before')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is followed to its last line', async () => {
    const id = await started('for i in $(seq 200); do echo line $i; done; sleep 0.2; echo end');
    const lines: string[] = [];
    for await (const entry of engine.containers.logs(id, { follow: true })) lines.push(decode(entry.text));
    expect(lines).toHaveLength(201);
    expect(lines.at(-1)).toBe('end');
  });

  it('runs its exit command when nobody waits', async () => {
    const mark = join(house.root, 'mark');
    await started('exit 0', { exitCommand: ['/bin/sh', '-c', 'echo -n {id} > "$0"', mark] });
    await until(() =>
      stat(mark).then(
        ({ size }) => size === 64,
        () => false,
      ),
    );
    expect(await readFile(mark, 'utf8')).toMatch(/^[0-9a-f]{64}$/);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRuncRuntime } from '../src/index.ts';
import { command, makeWorld, shell, type TestContainer, text, until, type World } from './world.ts';

let world: World;
let container: TestContainer;
beforeEach(async () => {
  world = await makeWorld();
  container = await world.create('sleep 600');
  await world.runtime.start(container.id);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world[Symbol.asyncDispose]();
});

async function* source(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function processCount(): Promise<number> {
  return (await world.runtime.processes(container.id)).length;
}

describe('exec at a terminal', () => {
  it('joins input and output, takes on each size, and gives the exit code', async () => {
    const seen = Promise.withResolvers<void>();
    let out = '';
    async function* keys() {
      await seen.promise;
      yield Buffer.from('word\r');
    }
    async function* resizes() {
      yield { columns: 91, rows: 31 };
    }
    const script =
      'until [ "$(stty size 2>/dev/null)" = "31 91" ]; do :; done; echo sized; read line; echo "got $line" >&2; exit 7';
    const result = await world.runtime.exec(container.id, {
      process: { ...shell(script), terminal: true },
      stdin: keys(),
      resizes: resizes(),
      onStdout: (chunk) => {
        out += text(chunk);
        if (out.includes('sized')) seen.resolve();
      },
    });
    expect(result).toEqual({ exitCode: 7 });
    expect(out).toBe('sized\r\nword\r\ngot word\r\n');
  });

  it('is 1 MiB of output intact', async () => {
    let size = 0;
    await world.runtime.exec(container.id, {
      process: { ...shell('yes | head -c 1048576'), terminal: true },
      onStdout: (chunk) => {
        size += chunk.length;
      },
    });
    expect(size).toBe(1_572_864); // each line end is two bytes
  });

  it('has the same line ends before and after the runtime has set the terminal up', async () => {
    const { root, exitDir, folder } = world;
    const runtimePath = join(folder, 'late-runc');
    // What runc does to line ends when it is late: those of the process have their CR already.
    const script = 'while [ "$1" != --pid-file ]; do shift; done; echo $$ >"$2"; printf "early\\r\\nlate\\n"';
    await writeFile(runtimePath, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    let out = '';
    await createRuncRuntime({ root, exitDir, runtimePath }).exec(container.id, {
      process: { ...command('true'), terminal: true },
      onStdout: (chunk) => {
        out += text(chunk);
      },
    });
    expect(out).toBe('early\r\nlate\r\n');
  });

  it('names a command that is not there', async () => {
    const process = { ...command('/nope'), terminal: true };
    await expect(world.runtime.exec(container.id, { process })).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'COMMAND_NOT_FOUND',
    });
  });

  it('kills the process when the caller aborts', async () => {
    const abort = new AbortController();
    const process = { ...shell('echo up; sleep 600'), terminal: true };
    const onStdout = () => abort.abort();
    await expect(
      world.runtime.exec(container.id, { process, onStdout, signal: abort.signal }),
    ).rejects.toMatchObject({ code: Code.Canceled });
    await until('one process', async () => ((await processCount()) === 1 ? true : undefined));
  });

  it('cannot be detached', async () => {
    const process = { ...shell('true'), terminal: true };
    await expect(world.runtime.exec(container.id, { process, detach: true })).rejects.toThrow('detached');
  });
});

describe('exec', () => {
  it('runs on when its time limit is more than a timer takes', async () => {
    const request = { process: shell('sleep 0.3; exit 5'), timeoutMs: 2 ** 31 };
    expect(await world.runtime.exec(container.id, request)).toEqual({ exitCode: 5 });
  });

  it('keeps its files to itself, and removes those of a process that was killed', async () => {
    const work = join(world.exitDir, '.work');
    await world.runtime.state(container.id);
    // Of a number that was given to another process since, of one that is gone, and of one that lives.
    const live = (await readFile('/proc/1/stat', 'utf8')).split(') ')[1]?.split(' ')[19];
    const [stale, lost, kept] = ['exec-1-1-a', 'log-999999999-1-a', `exec-1-${live}-a`];
    for (const name of [stale, lost, kept])
      await mkdir(join(work, name, 'process.json'), { recursive: true });
    const other = createRuncRuntime({ root: world.root, exitDir: world.exitDir });
    const during: string[] = [];
    await other.exec(container.id, {
      process: shell('echo running'),
      async onStdout() {
        during.push(...(await readdir(work)));
      },
    });
    expect(during).toHaveLength(2);
    expect((await stat(work)).mode & 0o777).toBe(0o700);
    await other.state(container.id);
    expect(await readdir(work)).toEqual([kept]);
  });

  it('gives exit code and both streams', async () => {
    const result = await world.runtime.execSync(container.id, {
      process: shell('echo a; echo b >&2; exit 42'),
    });
    expect({ ...result, stdout: text(result.stdout), stderr: text(result.stderr) }).toEqual({
      exitCode: 42,
      stdout: 'a\n',
      stderr: 'b\n',
    });
  });

  it.each([
    ['exit 255', 255],
    ['kill -9 $$', 137],
    ['exit 1', 1],
  ])('tells the end of "%s" from a failure of the runtime', async (script, exitCode) => {
    expect(await world.runtime.exec(container.id, { process: shell(script) })).toEqual({ exitCode });
  });

  it('passes 3 MiB of stdin through cat', async () => {
    const block = new Uint8Array(1024 * 1024).map((_, i) => i % 251);
    let size = 0;
    let sum = 0;
    await world.runtime.exec(container.id, {
      process: command('cat'),
      stdin: source(block, block, block),
      async onStdout(chunk) {
        for (const byte of chunk) sum += byte;
        size += chunk.length;
      },
    });
    expect({ size, sum }).toEqual({ size: 3 * block.length, sum: 3 * block.reduce((a, b) => a + b) });
  });

  it('leaves a stdin that never ends when the process has ended', async () => {
    let closed = false;
    const endless: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        async return() {
          closed = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const result = await world.runtime.exec(container.id, { process: shell('exit 5'), stdin: endless });
    expect({ ...result, closed }).toEqual({ exitCode: 5, closed: true });
  });

  it('is not hurt by a process that does not read its stdin', async () => {
    const block = new Uint8Array(1024 * 1024);
    const result = await world.runtime.exec(container.id, {
      process: shell('exit 6'),
      stdin: source(block, block),
    });
    expect(result).toEqual({ exitCode: 6 });
  });

  it.each([
    ['nope', Code.NotFound, 'COMMAND_NOT_FOUND'],
    ['/nope', Code.NotFound, 'COMMAND_NOT_FOUND'],
    ['/tmp', Code.PermissionDenied, 'COMMAND_NOT_EXECUTABLE'],
  ])('says that the command %s cannot run, and nothing on stderr', async (program, code, reason) => {
    let noise = '';
    const executing = world.runtime.exec(container.id, {
      process: command(program),
      onStderr(chunk) {
        noise += text(chunk);
      },
    });
    await expect(executing).rejects.toMatchObject({ code, reason });
    expect(noise).toBe('');
  });

  it('fails in a container that does not run', async () => {
    const { runtime } = world;
    await expect(runtime.execSync('nobody', { process: command('true') })).rejects.toMatchObject({
      reason: 'CONTAINER_UNKNOWN',
    });
    await runtime.kill(container.id, 'KILL');
    await runtime.waitExit(container.id);
    await expect(runtime.execSync(container.id, { process: command('true') })).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'CONTAINER_NOT_RUNNING',
    });
  });

  it('keeps 1 MiB of output intact', async () => {
    const { stdout } = await world.runtime.execSync(container.id, {
      process: shell('yes 0123456789abcde | head -c 1048576'),
    });
    expect(text(stdout)).toBe('0123456789abcde\n'.repeat(65_536));
  });

  it('drops what is beyond the limit and still ends', async () => {
    const { exitCode, stdout } = await world.runtime.execSync(container.id, {
      process: shell('yes | head -c 1048576; exit 9'),
      limitBytes: 1000,
    });
    expect({ exitCode, stdout: text(stdout) }).toEqual({ exitCode: 9, stdout: 'y\n'.repeat(500) });
  });

  it.each([
    ['a process', 'sleep 600'],
    ['a process with children that hold its streams', 'sleep 600 & sleep 601 & wait'],
    ['a process that has left a child behind', 'sleep 600 & exit 0'],
    ['a process that ignores TERM', "trap '' TERM; sleep 600"],
    ['a process that never stops writing', 'yes'],
  ])('kills %s when time is up', async (_name, script) => {
    const executing = world.runtime.execSync(container.id, { process: shell(script), timeoutMs: 700 });
    await expect(executing).rejects.toMatchObject({ code: Code.DeadlineExceeded, reason: 'EXEC_TIMEOUT' });
    if (script !== 'sleep 600 & exit 0') {
      await until('the killed to be gone', async () => ((await processCount()) === 1 ? true : undefined));
    }
  });

  it('kills the process when the caller aborts', async () => {
    const controller = new AbortController();
    const executing = world.runtime.exec(container.id, {
      process: shell('echo ready; sleep 600'),
      signal: controller.signal,
      onStdout: () => controller.abort(),
    });
    await expect(executing).rejects.toMatchObject({ code: Code.Canceled });
    await until('the killed to be gone', async () => ((await processCount()) === 1 ? true : undefined));
  });

  it('ends when the sink of the caller fails', async () => {
    const executing = world.runtime.exec(container.id, {
      process: shell('echo ready; sleep 600'),
      onStdout() {
        throw new Error('the reader is gone');
      },
    });
    await expect(executing).rejects.toThrow('the reader is gone');
    await until('the killed to be gone', async () => ((await processCount()) === 1 ? true : undefined));
  });

  it('leaves a detached process running', async () => {
    const result = await world.runtime.exec(container.id, { process: command('sleep', '601'), detach: true });
    expect(result).toEqual({ exitCode: 0 });
    expect(await processCount()).toBe(2);
    await expect(
      world.runtime.exec(container.id, { process: command('nope'), detach: true }),
    ).rejects.toMatchObject({ reason: 'COMMAND_NOT_FOUND' });
  });

  it('leaves no files behind', async () => {
    const folder = join(world.folder, 'tmp');
    await mkdir(folder);
    vi.stubEnv('TMPDIR', folder);
    await world.runtime.execSync(container.id, { process: command('true') });
    await expect(world.runtime.execSync('nobody', { process: command('true') })).rejects.toThrow();
    await expect(world.runtime.start('nobody')).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });

  it('hands no descriptor of ours to the process', async () => {
    const { stdout } = await world.runtime.execSync(container.id, { process: shell('ls /proc/self/fd') });
    // 3 is the folder that ls itself reads.
    expect(text(stdout).trim().split(/\s+/)).toEqual(['0', '1', '2', '3']);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { readFile, rename } from 'node:fs/promises';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytes, gone, makeWorld, text, until, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

function sinks(): {
  stdout: (chunk: Uint8Array) => void;
  stderr: (chunk: Uint8Array) => void;
  seen: string[];
} {
  const seen = ['', ''];
  return {
    seen,
    stdout: (chunk) => {
      seen[0] += text(chunk);
    },
    stderr: (chunk) => {
      seen[1] += text(chunk);
    },
  };
}

async function* source(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

describe('attach', () => {
  it('gets all output of both streams when it came before the start', async () => {
    const { runtime } = world;
    const { id, bundle } = await world.create('echo out; echo err >&2');
    const output = sinks();
    const attachment = await runtime.attach(id, bundle, output);
    await runtime.start(id);
    expect(await attachment.done).toBe('ended');
    expect(output.seen).toEqual(['out\n', 'err\n']);
  });

  it('gives input, in packets that the monitor can take, and closes it at the end', async () => {
    const { runtime } = world;
    const { id, bundle } = await world.create('wc -c', { stdin: true });
    const output = sinks();
    const stdin = source(new Uint8Array(100_000), new Uint8Array(31));
    const attachment = await runtime.attach(id, bundle, { ...output, stdin });
    await runtime.start(id);
    expect(await attachment.done).toBe('ended');
    expect(output.seen).toEqual(['100031\n', '']);
  });

  it('leaves by the detach keys, and the container goes on', async () => {
    const { runtime } = world;
    const { id, bundle } = await world.create('cat', { stdin: true, leaveStdinOpen: true });
    await runtime.start(id);
    const attachment = await runtime.attach(id, bundle, {
      stdin: source(bytes('a\x10'), bytes('\x11')),
      detachSequence: bytes('\x10\x11'),
    });
    expect(await attachment.done).toBe('detached');
    expect((await runtime.state(id))?.status).toBe('running');
    const other = sinks();
    const again = await runtime.attach(id, bundle, { ...other, stdin: source(bytes('hello\n')) });
    await until('the echo', async () => (other.seen[0]?.includes('hello') ? true : undefined));
    again.close();
    expect(await again.done).toBe('detached');
    expect((await runtime.state(id))?.status).toBe('running');
  });

  it('ends with the signal of the caller', async () => {
    const { id, bundle } = await world.create('sleep 60');
    const controller = new AbortController();
    const attachment = await world.runtime.attach(id, bundle, {}, { signal: controller.signal });
    controller.abort();
    await expect(attachment.done).rejects.toMatchObject({ code: Code.Canceled });
  });

  it('says that the monitor has gone', async () => {
    const { runtime } = world;
    const { id, bundle, monitorPid } = await world.create('exit 0');
    await runtime.start(id);
    await runtime.waitExit(id);
    const monitorGone = { code: Code.FailedPrecondition, reason: 'MONITOR_GONE' };
    await gone(monitorPid);
    await expect(runtime.attach(id, bundle, {})).rejects.toMatchObject(monitorGone);
    await expect(runtime.resize(id, bundle, { columns: 80, rows: 25 })).rejects.toMatchObject(monitorGone);
  });
});

describe('a terminal', () => {
  it('has the size that was set, and joins both streams', async () => {
    const { runtime } = world;
    // The monitor may come to the size when the process has begun: until then it is nothing.
    const { id, bundle } = await world.create(
      'until stty size 2>/dev/null; do :; done; echo err >&2; read line; stty size; test -t 2',
      {
        terminal: true,
        stdin: true,
        edit: (spec) => ({ ...spec, process: { cwd: '/', ...spec.process, terminal: true } }),
      },
    );
    const output = sinks();
    const keys = Promise.withResolvers<Uint8Array>();
    async function* typed() {
      yield await keys.promise;
    }
    const attachment = await runtime.attach(id, bundle, { ...output, stdin: typed() });
    await attachment.resize({ columns: 101, rows: 31 });
    await runtime.start(id);
    await until('the first size', async () => (output.seen[0]?.includes('err') ? true : undefined));
    await attachment.resize({ columns: 102, rows: 5000 });
    await until('the resize to arrive', async () => {
      const { stdout } = await runtime.execSync(id, {
        process: { args: ['stty', '-F', '/dev/console', 'size'], cwd: '/', env: ['PATH=/bin'] },
      });
      return text(stdout).startsWith('1000 102') ? true : undefined;
    });
    keys.resolve(bytes('\n'));
    await attachment.done;
    expect(output.seen[0]?.replaceAll('\r', '').split('\n')).toEqual(['31 101', 'err', '', '1000 102', '']);
    expect(await runtime.waitExit(id)).toMatchObject({ exitCode: 0 });
    await expect(runtime.resize(id, bundle, { columns: 0, rows: 1 })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });
});

describe('the log', () => {
  it('is opened anew after it was renamed', async () => {
    const { runtime } = world;
    const { id, bundle, logPath } = await world.create('echo one; read line; echo two', { stdin: true });
    await runtime.start(id);
    await until('the first line', async () =>
      (await readFile(logPath, 'utf8')).includes('one') ? true : undefined,
    );
    await rename(logPath, `${logPath}.1`);
    await runtime.reopenLog(id, bundle);
    const attachment = await runtime.attach(id, bundle, { stdin: source(bytes('\n')) });
    await attachment.done;
    await runtime.waitExit(id);
    expect(await readFile(`${logPath}.1`, 'utf8')).toMatch(/ one\n$/);
    expect(await readFile(logPath, 'utf8')).toMatch(/^\S+ stdout F two\n$/);
  });
});

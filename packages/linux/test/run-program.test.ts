// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code } from '@lading/errors';
import { makePipe, readPipe, runProgram, spawnProgram } from '@lading/linux';
import { describe, expect, it } from 'vitest';

const env = { PATH: '/usr/bin:/bin' };

function sh(script: string, more: Partial<Parameters<typeof runProgram>[1]> = {}) {
  return runProgram('/bin/sh', { args: ['-c', script], env, limitBytes: 1 << 20, ...more });
}

const openFds = (): Promise<string[]> => readdir('/proc/self/fd');

describe('runProgram', () => {
  it('tells what a program says and how it ends', async () => {
    expect(await sh('echo out; echo err >&2; exit 7')).toEqual({
      exitCode: 7,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
      isOverflown: false,
    });
    expect(await sh('kill -TERM $$')).toMatchObject({ exitCode: null, signal: 15 });
  });

  it('gives it input of any length, and takes no harm when that is not read', async () => {
    const input = Buffer.alloc(3 << 20, 'lading ');
    expect(await sh('wc -c', { input })).toMatchObject({ stdout: `${input.length}\n` });
    expect(await sh('exec <&-; exit 3', { input })).toMatchObject({ exitCode: 3 });
    expect(await sh('wc -c')).toMatchObject({ stdout: '0\n' });
  });

  it('gives it nothing of ours but what it is told', async () => {
    const script =
      'echo $PPID $$ $(cut -d" " -f6 /proc/$$/stat); ls /proc/$$/fd; env; grep SigIgn /proc/$$/status; pwd';
    const folder = await mkdtemp(join(tmpdir(), 'lading-run-'));
    try {
      const cwd = join(folder, '-a "b" $c');
      await mkdir(cwd);
      const { stdout } = await sh(script, { cwd, env: { PATH: env.PATH, WORD: 'x y', NONE: undefined } });
      const [ids = '', ...lines] = stdout.trim().split('\n');
      const [parent, pid, session] = ids.split(' ');
      expect([Number(parent), session]).toEqual([process.pid, pid]);
      expect(lines.filter((line) => !/^(OLD)?PWD=|^SHLVL=|^_=/.test(line))).toEqual([
        // What this process was started with that no program closes.
        ...execFileSync('/bin/sh', ['-c', 'ls /proc/$$/fd'], { encoding: 'utf8' }).trim().split('\n'),
        ...[`PATH=${env.PATH}`, 'WORD=x y'],
        'SigIgn:\t0000000000000000',
        cwd,
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('kills what says too much, on either output, and keeps the first of what was complained', async () => {
    expect(await sh('exec yes', { limitBytes: 1 << 20 })).toMatchObject({ signal: 9, isOverflown: true });
    const { stderr, ...end } = await sh('exec yes >&2', { limitBytes: 1 << 20 });
    expect(end).toMatchObject({ signal: 9, isOverflown: true });
    expect(stderr.length).toBe(64 << 10);
  });

  it('kills all of the group when it is told to', async () => {
    const stop = new AbortController();
    const ended = sh('sleep 1000 & wait', { signal: stop.signal });
    await sleep(200);
    stop.abort();
    // Its child has the outputs open, too, and would for long.
    expect(await ended).toMatchObject({ signal: 9 });
    await expect(sh('true', { signal: stop.signal })).rejects.toThrow(/aborted/);
  });

  it('says why a program cannot be started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lading-run-'));
    try {
      const file = join(folder, 'file');
      await writeFile(file, '');
      const options = { args: [], env, limitBytes: 1 };
      await expect(runProgram(join(folder, 'none'), options)).rejects.toMatchObject({
        code: Code.NotFound,
        reason: 'ENOENT',
        message: expect.stringContaining(join(folder, 'none')),
      });
      await expect(runProgram(file, options)).rejects.toMatchObject({ reason: 'EACCES' });
      await expect(runProgram('/bin/true', { ...options, args: ['a\0b'] })).rejects.toMatchObject({
        code: Code.InvalidArgument,
      });
      expect(await sh('pwd', { cwd: join(folder, 'none') })).toMatchObject({ exitCode: 2, stdout: '' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('runs many beside each other, and leaves neither descriptors nor dead processes', async () => {
    await sh('true');
    const before = await openFds();
    const all = await Promise.all(Array.from({ length: 100 }, (_, i) => sh(`echo ${i}; exit ${i}`)));
    expect(all.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(
      Array.from({ length: 100 }, (_, i) => [i, `${i}\n`]),
    );
    expect(await openFds()).toHaveLength(before.length);
    const { stdout } = await sh(`ps -o stat= --ppid ${process.pid}`);
    expect(stdout.split('\n').filter((line) => line.startsWith('Z'))).toEqual([]);
  });
});

it('spawnProgram gives a program descriptors of ours by their place', async () => {
  const { readEnd, writeEnd } = makePipe();
  const { ended } = spawnProgram('/bin/sh', {
    args: ['-c', 'echo three >&3; echo four >&4; readlink /proc/$$/fd/5'],
    env,
    // The last is lower than where it goes, and in the way of others.
    fds: [null, writeEnd, null, writeEnd, writeEnd, 0],
  });
  closeSync(writeEnd);
  const said: Uint8Array[] = [];
  for await (const chunk of readPipe(readEnd)) said.push(chunk);
  expect(Buffer.concat(said).toString()).toBe(`three\nfour\n${await readlink('/proc/self/fd/0')}\n`);
  expect(await ended).toEqual({ exitCode: 0, signal: null });
});

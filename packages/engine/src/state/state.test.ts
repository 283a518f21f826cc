// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJson, writeJson } from './atomic-file.ts';
import { openLocks } from './locks.ts';
import { openRecordFolder } from './record-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('JSON files', () => {
  it('come back as they were written and leave no temporary file', async () => {
    await writeJson(join(folder, 'a'), { x: 1 });
    await writeJson(join(folder, 'a'), { x: 2 }, { durable: true });
    expect(await readJson(join(folder, 'a'))).toEqual({ x: 2 });
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('that are missing or empty are undefined, and those that are broken an error', async () => {
    await writeFile(join(folder, 'empty'), '');
    await writeFile(join(folder, 'half'), '{"x":');
    expect(await readJson(join(folder, 'none'))).toBeUndefined();
    expect(await readJson(join(folder, 'empty'))).toBeUndefined();
    await expect(readJson(join(folder, 'half'))).rejects.toMatchObject({ code: 'data_loss' });
  });

  it('that cannot be written are named as they would be called', async () => {
    await mkdir(join(folder, 'taken'));
    await expect(writeJson(join(folder, 'taken'), {})).rejects.toMatchObject({
      reason: 'EISDIR',
      message: expect.stringContaining(`cannot write ${join(folder, 'taken')}: EISDIR`),
    });
    expect(await readdir(folder)).toEqual(['taken']);
  });
});

describe('records', () => {
  const record = (digit: string, name: string) => ({ version: 1 as const, id: digit.padEnd(64, '0'), name });
  beforeEach(() => mkdir(join(folder, 'containers')));
  const records = () => openRecordFolder<ReturnType<typeof record>>(join(folder, 'containers'), 'container');

  it('are found by id, name and unique prefix', async () => {
    const open = records();
    for (const [digit, name] of [
      ['a1', 'web'],
      ['a2', 'ab'],
      ['b3', 'a2'],
    ] as const) {
      await open.add(record(digit, name), { durable: false });
    }
    const short = async (ref: string) => (await open.resolve(ref)).slice(0, 2);
    expect(await short('web')).toBe('a1');
    expect(await short('ab')).toBe('a2');
    expect(await short('b')).toBe('b3');
    // A name wins over a prefix.
    expect(await short('a2')).toBe('b3');
    await expect(open.resolve('a')).rejects.toMatchObject({ code: 'invalid_argument' });
    for (const ref of ['nothing', '', '../names', '/etc/passwd']) {
      await expect(open.resolve(ref)).rejects.toMatchObject({
        code: 'not_found',
        reason: 'CONTAINER_UNKNOWN',
      });
    }
  });

  it('keep their name through a rename, and free it when they go', async () => {
    const open = records();
    await open.add(record('a1', 'old'), { durable: false });
    await open.rename(record('a1', 'new'), 'old');
    expect(await open.idOfName('old')).toBeUndefined();
    expect(await open.idOfName('new')).toBe(record('a1', '').id);
    await open.delete(record('a1', 'new'));
    expect(await open.idOfName('new')).toBeUndefined();
    expect(await open.list()).toEqual([]);
  });

  it('are found by name when the index was lost, and the index is not believed', async () => {
    const open = records();
    await open.add(record('a1', 'web'), { durable: false });
    await rm(join(folder, 'names'), { recursive: true });
    expect(await open.resolve('web')).toBe(record('a1', '').id);
    await open.add(record('a2', 'other'), { durable: false });
    await open.replace(record('a2', 'changed'), { durable: false });
    expect(await open.idOfName('other')).toBeUndefined();
  });

  it('that a power cut left empty are passed over', async () => {
    const open = records();
    await open.add(record('a1', 'web'), { durable: false });
    await writeFile(join(folder, 'containers', `${'c'.padEnd(64, '0')}.json`), '');
    expect((await open.list()).map(({ name }) => name)).toEqual(['web']);
  });
});

describe('locks', () => {
  it('let one call in at a time, in their order, and go on after a failure', async () => {
    const locks = openLocks(folder);
    const seen: string[] = [];
    const task = (name: string) => async () => {
      seen.push(`${name} in`);
      await new Promise(setImmediate);
      seen.push(`${name} out`);
      if (name === 'a') throw new Error('a failed');
    };
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => locks.hold('k', task(name))));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('are seen between two owners', async () => {
    const [one, two] = [openLocks(folder), openLocks(folder)];
    await one.hold('k', async () => {
      expect(await two.tryHold('k', async () => 1)).toBeUndefined();
      expect(await two.tryHold('other', async () => 1)).toEqual({ value: 1 });
    });
    expect(await two.tryHold('k', async () => 2)).toEqual({ value: 2 });
  });

  it('end with a process that is killed', async () => {
    const script = `import { openLocks } from ${JSON.stringify(join(import.meta.dirname, 'locks.ts'))};
      await openLocks(${JSON.stringify(folder)}).hold('k', () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)); });`;
    const child = spawn(
      process.execPath,
      ['--conditions=@lading/source', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      const locks = openLocks(folder);
      expect(await locks.tryHold('k', async () => 1)).toBeUndefined();
      const waiting = locks.hold('k', async () => 'mine');
      child.kill('SIGKILL');
      expect(await waiting).toBe('mine');
    } finally {
      child.kill('SIGKILL');
    }
  });
});

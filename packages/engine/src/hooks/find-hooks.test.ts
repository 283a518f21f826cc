// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { defaultLinuxSpec } from '@lading/oci-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withHookFiles } from './find-hooks.ts';
import type { HookSubject } from './hook-file.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lading-hooks-'));
  folder = join(root, 'hooks.d');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const text = (when: object = { always: true }, more: object = {}): string =>
  JSON.stringify({ version: '1.0.0', hook: { path: '/bin/true' }, when, stages: ['prestart'], ...more });
const put = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);

async function found(subject: Partial<HookSubject> = {}, folders: readonly string[] = [folder]) {
  const whole = { annotations: {}, command: '/bin/sh', hasBindMounts: false, ...subject };
  return (await withHookFiles(defaultLinuxSpec(), whole, folders)).hooks?.prestart ?? [];
}

async function expectBroken(words: string, subject?: Partial<HookSubject>): Promise<void> {
  await expect(found(subject)).rejects.toMatchObject({
    code: Code.FailedPrecondition,
    reason: 'HOOKS_BROKEN',
    message: expect.stringContaining(words),
  });
}

describe('a folder of hooks', () => {
  it('is read in the order of names; a later folder wins, one that is missing has none', async () => {
    const other = join(root, 'other.d');
    await mkdir(other);
    const named = (arg: string) => text(undefined, { hook: { path: '/bin/true', args: [arg] } });
    await put('b.json', named('b'));
    await put('a.json', named('a'));
    await put('a.json.orig', 'no hook');
    await writeFile(join(other, 'b.json'), named('other'));
    const hooks = await found({}, [folder, join(root, 'none'), other]);
    expect(hooks.map(({ args }) => args?.[0])).toEqual(['a', 'other']);
  });

  it('has links that lead to files elsewhere read as these', async () => {
    await writeFile(join(root, 'elsewhere'), text());
    await symlink('../elsewhere', join(folder, 'a.json'));
    expect(await found()).toHaveLength(1);
    await chmod(join(root, 'elsewhere'), 0o666);
    await expectBroken('a.json cannot be used: everybody may write it');
  });

  it.each([
    ['nowhere', 'no such file'],
    ['itself', 'symbolic link'],
    ['/dev/zero', 'it is not a file'],
    ['/proc/self/maps', 'JSON'],
    ['/etc', 'it is not a file'],
  ])('has a link to %s refused', async (target, words) => {
    await symlink(target === 'itself' ? 'a.json' : target, join(folder, 'a.json'));
    await expectBroken(words);
  });

  it('has pipes and sockets refused without waiting', async () => {
    execFileSync('sh', ['-c', 'mkfifo a.json'], { cwd: folder });
    await expectBroken('it is not a file');
    await rm(join(folder, 'a.json'));
    const server = createServer().listen(join(folder, 'a.json'));
    try {
      await expectBroken('a.json cannot be used');
    } finally {
      server.close();
    }
  });

  it('has a file of a gibibyte refused unread, and one that is just too large', async () => {
    await put('a.json', text());
    await truncate(join(folder, 'a.json'), 1 << 30);
    await expectBroken('more than 1048576 bytes');
    await put('a.json', text().padEnd((1 << 20) + 1));
    await expectBroken('more than 1048576 bytes');
    await put('a.json', text().padEnd(1 << 20));
    expect(await found()).toHaveLength(1);
  });

  it.each([
    ['arrays', '['.repeat(1 << 19), ']'.repeat(1 << 19)],
    ['arrays without end', '['.repeat(1 << 20), ''],
    ['objects', '{"a":'.repeat(150_000), `1${'}'.repeat(150_000)}`],
  ])('has nested %s refused', async (_what, open, close) => {
    await put('a.json', `${open}${close}`);
    await expectBroken('a.json cannot be used');
    await put('a.json', text().replace('"/bin/true"', `${open.slice(0, 500_000)}${close.slice(-500_000)}`));
    await expectBroken('a.json cannot be used');
  });

  it.each([
    ['characters', 'a|'.repeat(300_000), ['HOOKS_BROKEN']],
    ['groups', '('.repeat(2048) + ')'.repeat(2048), [1, 'HOOKS_BROKEN']],
    ['repetitions', `(?:${'(?:a{1000}){1000}'.repeat(200)})`, [0, 'HOOKS_BROKEN']],
    ['alternatives', 'a|'.repeat(2048), [1]],
  ])('has an expression of many %s compiled, or refused', async (_what, expression, outcomes) => {
    await put('a.json', text({ commands: [expression] }));
    await expect(
      found().then(
        (hooks) => hooks.length,
        ({ reason }) => reason,
      ),
    ).resolves.toBeOneOf(outcomes);
  });

  it('has an expression that never ends stopped, whatever a pod has for it', async () => {
    await put('a.json', text({ annotations: { '^trace$': '^(a+)+$' } }));
    expect(await found({ annotations: { trace: 'a'.repeat(5000) } })).toHaveLength(1);
    await expectBroken('a.json cannot be used: its expressions took longer than a second', {
      annotations: { trace: `${'a'.repeat(5000)}!` },
    });
    expect(await found()).toEqual([]);
  });

  it('may not hold more hooks than are read in a moment', async () => {
    // In memory, as so many files take a disk longer than the test has.
    const crowded = await mkdtemp('/dev/shm/lading-hooks-');
    try {
      execFileSync('sh', ['-c', 'seq -f %.0f.json 100000 | xargs touch'], { cwd: crowded });
      await expect(found({}, [crowded])).rejects.toMatchObject({
        reason: 'HOOKS_BROKEN',
        message: expect.stringContaining('there are 100000 files, and no more than 1000 are read'),
      });
    } finally {
      execFileSync('rm', ['-r', crowded]);
    }
  });
});

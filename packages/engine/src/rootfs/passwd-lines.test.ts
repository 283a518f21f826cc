// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { passwdWithLines } from './passwd-lines.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'passwd-lines-'));
  mkdirSync(join(root, 'etc'));
});

afterEach(() => rmSync(root, { recursive: true }));

const entry = '$USERNAME:*:$UID:$GID:$NAME:$HOME:/bin/sh';
const record = (user: string, hostUsers?: readonly string[]) => ({
  process: { args: ['true'], env: [], cwd: '/work', user },
  options: { image: 'demo', passwdEntry: entry, ...(hostUsers && { hostUsers }) },
});

it('adds a line for a number that has none, after a last line without an end', async () => {
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh');
  expect(await passwdWithLines(root, record('12:34'))).toBe(
    'root:x:0:0:root:/root:/bin/sh\n12:*:12:34:12:/work:/bin/sh\n',
  );
});

it.each(['', '0', '0:5', 'root'])('leaves the file for the user %j', async (user) => {
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  expect(await passwdWithLines(root, record(user))).toBeUndefined();
});

it('makes no file where the image has none', async () => {
  expect(await passwdWithLines(root, record('12'))).toBeUndefined();
});

it('adds users of the host, and refuses one that there is not', async () => {
  writeFileSync(join(root, 'etc/passwd'), '');
  expect(await passwdWithLines(root, record('', ['root']))).toBe('root:*:0:0:root:/work:/bin/sh\n');
  await expect(passwdWithLines(root, record('', ['no:such']))).rejects.toMatchObject({
    reason: 'USER_UNKNOWN',
  });
});

it('reads nothing of the host through a link of the image', async () => {
  symlinkSync('/etc/hostname', join(root, 'etc/passwd'));
  expect(await passwdWithLines(root, record('12'))).toBeUndefined();
});

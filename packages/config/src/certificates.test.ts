// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ConfigWarning, certificateProvider } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-certs-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Files by path below the test's folder; each holds its own path. */
async function put(...files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(join(folder, file, '..'), { recursive: true });
    await writeFile(join(folder, file), file);
  }
}

it('gives authorities, and client certificates in the order of their keys', async () => {
  const files = ['ca.crt', 'b.crt', 'one.cert', 'one.key', 'two.key', 'two.cert', 'README'];
  await put(...files.map((file) => `r.net:5000/${file}`));
  const find = certificateProvider({ directories: [folder] });
  expect(await find('r.net:5000')).toEqual({
    ca: ['r.net:5000/b.crt', 'r.net:5000/ca.crt'],
    cert: ['r.net:5000/one.cert', 'r.net:5000/two.cert'],
    key: ['r.net:5000/one.key', 'r.net:5000/two.key'],
  });
  expect(await find('r.net')).toBeUndefined();
  expect(await find('r.net:5001')).toBeUndefined();
});

it('gives the certificates of one folder for every host', async () => {
  await put('own/ca.crt', 'r.net/ca.crt');
  const find = certificateProvider({ directories: [folder], folder: join(folder, 'own') });
  expect(await find('r.net')).toEqual({ ca: ['own/ca.crt'] });
  expect(await find('s.net:5000')).toEqual({ ca: ['own/ca.crt'] });
  expect(await certificateProvider({ folder: join(folder, 'none') })('r.net')).toEqual({});
});

it('takes the first folder that has the host, though it be empty', async () => {
  await mkdir(join(folder, 'a/r.net'), { recursive: true });
  await put('b/r.net/ca.crt', 'b/s.net/ca.crt', 'b/t.net:443/ca.crt');
  const find = certificateProvider({
    directories: [join(folder, 'none'), join(folder, 'a'), join(folder, 'b')],
  });
  expect(await find('r.net')).toEqual({});
  expect(await find('s.net')).toEqual({ ca: ['b/s.net/ca.crt'] });
  expect(await find('t.net')).toEqual({ ca: ['b/t.net:443/ca.crt'] });
});

it("finds the user's folder", async () => {
  await put('.config/containers/certs.d/r.net/ca.crt');
  expect(await certificateProvider({ env: { HOME: folder } })('r.net')).toEqual({
    ca: ['.config/containers/certs.d/r.net/ca.crt'],
  });
});

it.each([
  ['a certificate without its key', 'one.cert', 'one.key'],
  ['a key without its certificate', 'one.key', 'one.cert'],
])('says what is missing beside %s', async (_, file, missing) => {
  await put(`r.net/${file}`);
  await expect(certificateProvider({ directories: [folder] })('r.net')).rejects.toMatchObject({
    code: Code.InvalidArgument,
    message: expect.stringContaining(missing),
  });
});

it('passes over a file that is gone, and a folder that may not be read, with one warning', async () => {
  await put('r.net/ca.crt');
  await symlink(join(folder, 'none'), join(folder, 'r.net/gone.crt'));
  const warnings: ConfigWarning[] = [];
  const find = certificateProvider({ directories: [folder], onWarning: (warning) => warnings.push(warning) });
  expect(await find('r.net')).toEqual({ ca: ['r.net/ca.crt'] });
  await chmod(join(folder, 'r.net'), 0);
  const asRoot = process.geteuid?.() === 0;
  if (asRoot) process.seteuid?.(65_534);
  try {
    expect([await find('r.net'), await find('r.net')]).toEqual([undefined, undefined]);
  } finally {
    if (asRoot) process.seteuid?.(0);
  }
  expect(warnings).toEqual([{ file: join(folder, 'r.net'), message: 'it is passed over: EACCES' }]);
});

it.each(['..', '.', 'a/b', '../etc', ''])('%j is the host of no registry', async (host) => {
  await expect(certificateProvider({ directories: [folder] })(host)).rejects.toMatchObject({
    code: Code.InvalidArgument,
  });
});

// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Code } from '@lading/errors';
import { htpasswdAuthorize, startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-registry-htpasswd-'));
  file = join(folder, 'users');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The program of apache2-utils. */
const htpasswd = (...args: readonly string[]) => promisify(execFile)('htpasswd', args);

const ask = async (url: string, user: string, password: string) => {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return (await fetch(`${url}/v2/`, { headers: { authorization } })).status;
};

it('lets in who is in the file of htpasswd -B, and follows its changes', async () => {
  await htpasswd('-bcB', file, 'anna', 'secret');
  await htpasswd('-bB', '-C', '10', file, 'bob', 'p:ä:ss');
  await using server = await startRegistry({ authorize: await htpasswdAuthorize(file) });
  const { url } = server;
  expect(await ask(url, 'anna', 'secret')).toBe(200);
  expect(await ask(url, 'bob', 'p:ä:ss')).toBe(200);
  expect(await ask(url, 'anna', 'p:ä:ss')).toBe(401);
  expect(await ask(url, 'carl', 'secret')).toBe(401);
  expect(await ask(url, '', '')).toBe(401);
  await htpasswd('-bB', file, 'carl', 'new');
  await htpasswd('-bB', file, 'bob', 'other');
  await htpasswd('-D', file, 'anna');
  expect(await ask(url, 'carl', 'new')).toBe(200);
  expect(await ask(url, 'bob', 'p:ä:ss')).toBe(401);
  expect(await ask(url, 'bob', 'other')).toBe(200);
  expect(await ask(url, 'anna', 'secret')).toBe(401);
});

it('challenges whoever shows no password that it can read', async () => {
  await htpasswd('-bcB', file, 'anna', 'secret');
  await using server = await startRegistry({
    authorize: await htpasswdAuthorize(file, { realm: 'the team' }),
  });
  for (const authorization of [
    '',
    'Basic',
    'Basic !!!',
    `Basic ${btoa('anna')}`,
    'Bearer abc',
    'Basic a b',
  ]) {
    const response = await fetch(`${server.url}/v2/`, { headers: { authorization } });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="the team", charset="UTF-8"',
    ]);
  }
  await using client = createRegistryClient({
    tlsVerify: false,
    credentials: () => ({ username: 'anna', password: 'secret' }),
  });
  await client.ping(server.host);
});

it('keeps the users that it knows while the file is faulty or away, and says so once', async () => {
  await htpasswd('-bcB', file, 'anna', 'secret');
  const errors: unknown[] = [];
  const authorize = await htpasswdAuthorize(file, { onError: (error) => errors.push(error), cacheMs: 0 });
  await using server = await startRegistry({ authorize });
  await writeFile(file, 'anna:secret\n');
  for (let count = 0; count < 3; count++) expect(await ask(server.url, 'anna', 'secret')).toBe(200);
  expect(errors).toMatchObject([{ message: expect.stringContaining(`${file}:1: the password of "anna"`) }]);
  await rename(file, `${file}.away`);
  for (let count = 0; count < 3; count++) expect(await ask(server.url, 'anna', 'secret')).toBe(200);
  expect(errors).toMatchObject([{}, { code: Code.NotFound, message: expect.stringContaining(file) }]);
  await htpasswd('-bcB', file, 'anna', 'changed');
  expect(await ask(server.url, 'anna', 'secret')).toBe(401);
  expect(await ask(server.url, 'anna', 'changed')).toBe(200);
  expect(errors.length).toBe(2);
});

it('refuses a file that is missing or made without -B', async () => {
  await expect(htpasswdAuthorize(file)).rejects.toMatchObject({ code: Code.NotFound });
  await htpasswd('-bcm', file, 'anna', 'secret');
  await expect(htpasswdAuthorize(file)).rejects.toMatchObject({
    code: Code.InvalidArgument,
    message: expect.stringContaining('htpasswd -B'),
  });
  await expect(htpasswdAuthorize(file, { realm: 'a"b' })).rejects.toMatchObject({
    code: Code.InvalidArgument,
  });
});

it('goes on serving while passwords are checked, and takes a bounded number of them', async () => {
  await htpasswd('-bcB', '-C', '10', file, 'anna', 'secret');
  await using server = await startRegistry({ authorize: await htpasswdAuthorize(file) });
  const statuses: number[] = [];
  const guesses = Array.from({ length: 300 }, async (_, index) => {
    statuses.push(await ask(server.url, 'anna', `guess ${index}`));
  });
  const refused = Promise.withResolvers<void>();
  const done = guesses.map((guess) => guess.then(() => statuses.includes(429) && refused.resolve()));
  const settled = Promise.allSettled(done);
  await refused.promise;
  expect((await fetch(`${server.url}/v2/`)).status).toBe(401);
  // Answered while most of the passwords wait for their seconds of bcrypt.
  expect(statuses.filter((status) => status === 401).length).toBeLessThan(100);
  await server.close();
  await settled;
});

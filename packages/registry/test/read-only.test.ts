// SPDX-License-Identifier: Apache-2.0
import { lstat, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { startRegistry } from '@lading/registry';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sha256, talkTo, temporaryFolder } from './world.ts';

let root = '';
beforeEach(async () => {
  root = await temporaryFolder();
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Names, sizes and times of all that is in the folder. */
async function stateOf(folder: string): Promise<string[]> {
  const paths = [folder, ...(await readdir(folder, { recursive: true })).map((name) => join(folder, name))];
  return await Promise.all(
    paths.sort().map(async (path) => {
      const { size, mtimeMs, ctimeMs } = await lstat(path);
      return `${path} ${size} ${mtimeMs} ${ctimeMs}`;
    }),
  );
}

it('a registry that is read-only changes nothing on the disk, whatever it is asked', async () => {
  const layer = 'a layer';
  {
    await using first = await startRegistry({ root });
    const { image, put, begin, ask } = talkTo(first.url);
    await image('a/b', 'v1');
    await put('a/b', layer);
    await ask('PATCH', await begin('a/b'), 'a part');
  }
  // So old that a HEAD, which may come before a push, would note the time.
  const file = join(root, 'a/b/_layout/blobs', sha256(layer).replace(':', '/'));
  await utimes(file, new Date(0), new Date(0));
  const before = await stateOf(root);
  {
    await using server = await startRegistry({ root, readOnly: true });
    await using other = await startRegistry({ root, readOnly: true });
    const { ask } = talkTo(server.url);
    for (const method of ['HEAD', 'GET', 'PUT', 'POST', 'PATCH', 'DELETE']) {
      for (const path of [
        `blobs/${sha256(layer)}`,
        'manifests/v1',
        'tags/list',
        'blobs/uploads/',
        'blobs/uploads/x',
      ]) {
        const { status } = await ask(method, `/v2/a/b/${path}`);
        expect(status).toBeLessThan(500);
      }
    }
    expect((await ask('HEAD', `/v2/a/b/blobs/${sha256(layer)}`)).status).toBe(200);
    expect((await talkTo(other.url).ask('GET', '/v2/a/b/manifests/v1')).status).toBe(200);
    expect((await server.collectGarbage({ olderThanMs: 0, dryRun: true })).length).toBe(1);
    await expect(server.collectGarbage({ olderThanMs: 0 })).rejects.toMatchObject({
      code: 'failed_precondition',
    });
  }
  expect(await stateOf(root)).toEqual(before);
});

it('a folder that another registry writes to is not served read-only: what is known of it would grow old', async () => {
  await using writer = await startRegistry({ root });
  await expect(startRegistry({ root, readOnly: true })).rejects.toMatchObject({
    code: 'failed_precondition',
  });
  await writer.close();
  await using _reader = await startRegistry({ root, readOnly: true });
});

it('a folder that is not there is not made by a registry that is read-only', async () => {
  const missing = join(root, 'missing');
  await expect(startRegistry({ root: missing, readOnly: true })).rejects.toThrow(missing);
  expect(await readdir(root)).toEqual([]);
});

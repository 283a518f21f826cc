// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MediaType, parseIndex } from '@lading/image-spec';
import { expect, it, vi } from 'vitest';
import { startProcess } from './process.ts';
import { codeOf, sha256, sha512, talkTo, temporaryFolder } from './world.ts';

async function withFolder(work: (root: string) => Promise<void>): Promise<void> {
  const root = await temporaryFolder();
  try {
    await work(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

it.each(['sha256', 'sha512'] as const)(
  'an upload with a %s goes on at its location after the registry was killed',
  { timeout: 120_000 },
  async (algorithm) => {
    await withFolder(async (root) => {
      const bytes = randomBytes(3_000_000);
      const digest = algorithm === 'sha256' ? sha256(bytes) : sha512(bytes);
      let location = '';
      {
        await using first = await startProcess(root);
        const { ask, begin } = talkTo(first.url);
        location = await begin('a/b', `?digest-algorithm=${algorithm}`);
        const headers = { 'content-range': '0-999999' };
        expect((await ask('PATCH', location, bytes.subarray(0, 1_000_000), headers)).status).toBe(202);
        await first.kill();
      }
      {
        await using second = await startProcess(root);
        const { ask } = talkTo(second.url);
        expect((await ask('GET', location)).headers.get('range')).toBe('0-999999');
        const gap = { 'content-range': '1000001-1000001' };
        expect((await ask('PATCH', location, 'x', gap)).status).toBe(416);
        const headers = { 'content-range': '1000000-1999999' };
        expect((await ask('PATCH', location, bytes.subarray(1_000_000, 2_000_000), headers)).status).toBe(
          202,
        );
        await second.kill();
      }
      await using third = await startProcess(root);
      const { ask } = talkTo(third.url);
      const put = await ask('PUT', `${location}?digest=${digest}`, bytes.subarray(2_000_000));
      expect(put.status).toBe(201);
      const got = await (await ask('GET', `/v2/a/b/blobs/${digest}`)).arrayBuffer();
      expect(Buffer.from(got).equals(bytes)).toBe(true);
      expect(await codeOf(await ask('GET', location))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
      expect(await readdir(join(root, '_uploads'))).toEqual([]);
    });
  },
);

it('a chunk that was cut short by the kill is kept as far as it came', { timeout: 120_000 }, async () => {
  await withFolder(async (root) => {
    const bytes = randomBytes(8_000_000);
    let location = '';
    {
      await using first = await startProcess(root);
      const { ask, begin } = talkTo(first.url);
      location = await begin('a');
      const half = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(bytes.subarray(0, 4_000_000))),
      });
      const init = { method: 'PATCH', body: half, duplex: 'half' } as const;
      const cut = fetch(new URL(location, first.url), init).catch(() => undefined);
      await vi.waitFor(async () => {
        expect((await ask('GET', location)).headers.get('range')).not.toBe('0-0');
      });
      await first.kill();
      await cut;
    }
    await using second = await startProcess(root);
    const { ask } = talkTo(second.url);
    const size = Number((await ask('GET', location)).headers.get('range')?.slice(2)) + 1;
    expect(size).toBeGreaterThanOrEqual(1024 * 1024);
    const put = await ask('PUT', `${location}?digest=${sha256(bytes)}`, bytes.subarray(size));
    expect(put.status).toBe(201);
  });
});

/** What a client was told is stored. */
interface Acknowledged {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Set<string>;
  readonly tags: Map<string, string>;
}

/** Pushes images until the registry is gone, and notes in `told` what was answered with 201. */
async function pushUntilGone(url: string, pusher: number, told: Acknowledged): Promise<void> {
  const { ask, begin } = talkTo(url);
  const headers = { 'content-type': MediaType.ImageManifest };
  try {
    for (let image = 0; ; image++) {
      const bytes = randomBytes(1 + ((image * 40_009) % 400_000));
      const location = await begin('a');
      await ask('PATCH', location, bytes.subarray(0, bytes.length / 2));
      const rest = bytes.subarray(bytes.length / 2);
      const put = await ask('PUT', `${location}?digest=${sha256(bytes)}`, rest);
      if (put.status === 201) told.blobs.set(sha256(bytes), bytes);
      const config = { mediaType: MediaType.ImageConfig, digest: sha256(bytes), size: bytes.length };
      const text = JSON.stringify({ schemaVersion: 2, config, layers: [] });
      const tag = `t${pusher}-${image % 3}`;
      // From here on either the old or the new manifest is right, until the registry says which.
      told.tags.delete(tag);
      if ((await ask('PUT', `/v2/a/manifests/${tag}`, text, headers)).status === 201) {
        told.manifests.add(sha256(text));
        told.tags.set(tag, sha256(text));
      }
    }
  } catch (error) {
    // fetch throws a TypeError when the connection breaks; anything else is a fault of this test.
    if (!(error instanceof TypeError)) throw error;
  }
}

async function digestsOfFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const hash = createHash('sha256').update(await readFile(join(folder, name)));
    expect(hash.digest('hex')).toBe(name);
  }
}

it('a registry that is killed again and again shows whole blobs only, and all that it acknowledged', {
  timeout: 300_000,
}, async () => {
  await withFolder(async (root) => {
    const told: Acknowledged = { blobs: new Map(), manifests: new Set(), tags: new Map() };
    for (let round = 0; round < 12; round++) {
      await using registry = await startProcess(root);
      const { ask } = talkTo(registry.url);
      for (const [tag, digest] of told.tags) {
        const head = await ask('HEAD', `/v2/a/manifests/${tag}`);
        expect([tag, head.headers.get('docker-content-digest')]).toEqual([tag, digest]);
      }
      for (const [digest, bytes] of told.blobs) {
        const got = await ask('GET', `/v2/a/blobs/${digest}`);
        expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
      }
      for (const digest of told.manifests) {
        expect((await ask('HEAD', `/v2/a/manifests/${digest}`)).status).toBe(200);
      }
      const before = told.blobs.size;
      const pushers = [0, 1, 2].map((pusher) => pushUntilGone(registry.url, pusher, told));
      // Each round ends at another point of the pushes.
      const enough = () => {
        expect(told.blobs.size).toBeGreaterThan(before + round);
        expect(told.manifests.size).toBeGreaterThan(0);
      };
      await vi.waitFor(enough, { timeout: 60_000 });
      await registry.kill();
      await Promise.all(pushers);
      const layout = join(root, 'a/_layout');
      await digestsOfFiles(join(layout, 'blobs/sha256'));
      parseIndex(await readFile(join(layout, 'index.json')));
      expect((await readdir(layout)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    }
  });
});

it('a folder is for one process, until that one is gone', { timeout: 120_000 }, async () => {
  await withFolder(async (root) => {
    await using first = await startProcess(root);
    const { startRegistry } = await import('@lading/registry');
    await expect(startRegistry({ root })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(/is served by process \d+/),
    });
    await first.kill();
    await using second = await startRegistry({ root });
    await expect(startRegistry({ root })).rejects.toMatchObject({ code: 'failed_precondition' });
    await second.close();
    await using third = await startRegistry({ root });
    expect((await fetch(`${third.url}/v2/`)).status).toBe(200);
  });
});

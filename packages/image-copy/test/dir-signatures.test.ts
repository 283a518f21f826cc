// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import { copyImage, openDestination, openSource } from '../src/index.ts';
import { makeFolder } from './programs.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await makeFolder();
});

/** Writes an image with a signature that says whose it is, and counts the operations of the commit. */
const writer = `
import { channel } from 'node:diagnostics_channel';
import { createMemorySource, makeTestImage } from '@lading/image-copy/conformance';
import { copyImage, openDestination } from '@lading/image-copy';
const [cwd, seed, to] = process.argv.slice(1);
const counting = channel('lading:counting');
const destination = await openDestination(to, { cwd });
await copyImage(createMemorySource(await makeTestImage({ seed })), {
  ...destination,
  async commit(options) {
    const signature = { kind: 'simple', bytes: Buffer.from(seed) };
    await destination.putSignatures([signature], { digest: '', instance: undefined }, {});
    counting.publish(true);
    await destination.commit(options);
    counting.publish(false);
  },
});
`;

/** The number of operations, or undefined when it was killed before one of them. */
async function write(seed: string, to: string, stopAt: number): Promise<number | undefined> {
  const child = spawn(
    process.execPath,
    [
      ...[
        '--conditions=@lading/source',
        '--import',
        join(import.meta.dirname, '../../storage/test/stop-at.ts'),
      ],
      ...['--input-type=module', '-e', writer, cwd, seed, to],
    ],
    {
      cwd: join(import.meta.dirname, '..'),
      env: { ...process.env, STOP_AT: String(stopAt) },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  const output = await text(child.stdout);
  const [code, signal] = await ended;
  if (signal === 'SIGKILL') return undefined;
  expect(code).toBe(0);
  return Number(output);
}

describe('a writer of dir: that is killed while it commits', () => {
  it('never leaves a manifest with the signatures of another', { timeout: 240_000 }, async () => {
    const digests = { old: (await makeTestImage({ seed: 'old' })).top.digest, new: '' };
    digests.new = (await makeTestImage({ seed: 'new' })).top.digest;
    await write('old', 'dir:old', 0);
    await cp(join(cwd, 'old'), join(cwd, 'whole'), { recursive: true });
    const count = (await write('new', 'dir:whole', 0)) ?? 0;
    expect(count).toBeGreaterThan(10);
    const seen = new Set<string>();
    // Before that new files are written under other names.
    for (let step = count >> 2; step <= count; step += 1) {
      const name = `out${step}`;
      await cp(join(cwd, 'old'), join(cwd, name), { recursive: true });
      await write('new', `dir:${name}`, step);
      const source = await openSource(`dir:${name}`, { cwd });
      const { digest } = await source.manifest();
      const found = (await source.signatures?.({ digest, instance: undefined })) ?? [];
      const signed = found.map((one) => ('bytes' in one ? Buffer.from(one.bytes).toString() : ''));
      const whose = digest === digests.old ? 'old' : 'new';
      if (whose === 'new') expect(digest).toBe(digests.new);
      expect([[], [whose]], `killed before ${step} of ${count}`).toContainEqual(signed);
      seen.add(`${whose} ${signed.length}`);
    }
    expect([...seen].toSorted()).toEqual(['new 0', 'new 1', 'old 0', 'old 1']);
  });
});

describe('a folder that is written again', () => {
  it('keeps no signature of the image before', async () => {
    await write('old', 'dir:out', 0);
    const destination = await openDestination('dir:out', { cwd });
    const image = await makeTestImage({ seed: 'new' });
    await copyImage(createMemorySource(image), destination);
    const source = await openSource('dir:out', { cwd });
    expect(await source.signatures?.({ digest: image.top.digest, instance: undefined })).toEqual([]);
  });
});

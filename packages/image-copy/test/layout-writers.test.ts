// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeJson, parseIndex } from '@lading/image-spec';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import { copyImage, openDestination, openRepository } from '../src/index.ts';
import { makeFolder } from './programs.ts';

const run = promisify(execFile);
let cwd: string;
beforeEach(async () => {
  cwd = await makeFolder();
});

const writer = `
import { createMemorySource, makeTestImage } from '@lading/image-copy/conformance';
import { copyImage, openDestination } from '@lading/image-copy';
const [cwd, prefix, count] = process.argv.slice(1);
for (let i = 0; i < Number(count); i++) {
  const image = await makeTestImage({ seed: prefix + i });
  await copyImage(createMemorySource(image), await openDestination('oci:layout:' + prefix + i, { cwd }));
}
`;

async function names(): Promise<readonly (string | undefined)[]> {
  const { manifests } = parseIndex(await readFile(join(cwd, 'layout/index.json')));
  return manifests.map(({ annotations }) => annotations?.['org.opencontainers.image.ref.name']).toSorted();
}

async function add(name: string, signal?: AbortSignal): Promise<void> {
  const destination = await openDestination(`oci:layout:${name}`, { cwd });
  await copyImage(createMemorySource(await makeTestImage({ seed: name })), destination, { signal });
}

describe('processes that write to one layout at once', () => {
  it('lose no entry, and leave no lock', { timeout: 120_000 }, async () => {
    const prefixes = ['a', 'b', 'c'];
    const count = 15;
    const script = ['--conditions=@lading/source', '--input-type=module', '-e', writer];
    await Promise.all(
      prefixes.map((prefix) =>
        run(process.execPath, [...script, cwd, prefix, String(count)], {
          cwd: join(import.meta.dirname, '..'),
        }),
      ),
    );
    const expected = prefixes.flatMap((prefix) => Array.from({ length: count }, (_, i) => `${prefix}${i}`));
    expect(await names()).toEqual(expected.toSorted());
    expect((await readdir(join(cwd, 'layout'))).toSorted()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  it('lose no referrer of one image, also in one process', async () => {
    const { bytes, mediaType = '' } = (await makeTestImage({ seed: 'subject' })).top;
    await using one = await openRepository('oci:layout', { cwd });
    await using other = await openRepository('oci:layout', { cwd });
    const [first, second] = [one.repository, other.repository];
    const subject = await first.pushManifest(bytes, { mediaType, tags: ['subject'] });
    const pushed = await Promise.all(
      Array.from({ length: 12 }, (_, i) => {
        const manifest = {
          ...JSON.parse(Buffer.from(bytes).toString()),
          subject,
          artifactType: `text/x-${i}`,
        };
        const place = i % 2 === 0 ? first : second;
        return place.pushManifest(encodeJson(manifest), { mediaType });
      }),
    );
    const listed = await Array.fromAsync(first.referrers(subject.digest));
    expect(listed.map(({ digest }) => digest).toSorted()).toEqual(
      pushed.map(({ digest }) => digest).toSorted(),
    );
  });

  it('do not wait for a lock whose process has ended', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const lock = JSON.stringify({ pid: child.pid, host: hostname() });
    await add('first');
    await writeFile(join(cwd, 'layout/.lading-lock'), lock);
    await Promise.all(['second', 'third'].map((name) => add(name)));
    expect(await names()).toEqual(['first', 'second', 'third']);
    expect(await readdir(join(cwd, 'layout'))).not.toContain('.lading-lock');
  });

  it('wait for one that lives, until they are told not to', async () => {
    await add('first');
    const lock = join(cwd, 'layout/.lading-lock');
    await writeFile(lock, JSON.stringify({ pid: process.pid, host: hostname() }));
    await expect(add('second', AbortSignal.timeout(300))).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(await names()).toEqual(['first']);
  });
});

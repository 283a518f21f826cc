// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeJson, parseIndex, parseManifest } from '@lading/image-spec';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import {
  copyImage,
  deleteImage,
  type ImageDestination,
  openDestination,
  openRepository,
  openSource,
} from '../src/index.ts';
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

/** Copies and deletes the same blobs again and again, ends with a copy, and says how many there were. */
const changer = `
import { createMemorySource, makeTestImage } from '@lading/image-copy/conformance';
import { copyImage, deleteImage, openDestination } from '@lading/image-copy';
const [cwd, name, count] = process.argv.slice(1);
const reference = 'oci:layout:' + name;
const image = await makeTestImage({ seed: 'same' });
let done = 0;
while (done < Number(count)) {
  try {
    await copyImage(createMemorySource(image), await openDestination(reference, { cwd }));
  } catch (error) {
    if (error.code === 'aborted') continue;
    throw error;
  }
  done += 1;
  if (done < Number(count)) await deleteImage(reference, { cwd });
}
process.stdout.write(String(done));
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

  it('are told to come again when another one has deleted what they build on', async () => {
    const image = await makeTestImage({ seed: 'shared' });
    await copyImage(createMemorySource(image), await openDestination('oci:layout:old', { cwd }));
    const late = async (): Promise<unknown> => {
      const destination = await openDestination('oci:layout:new', { cwd });
      const commit: ImageDestination['commit'] = async (options) => {
        if ((await names()).includes('old')) await deleteImage('oci:layout:old', { cwd });
        await destination.commit(options);
      };
      return copyImage(createMemorySource(image), { ...destination, commit });
    };
    await expect(late()).rejects.toMatchObject({ code: 'aborted', reason: 'BLOB_UNKNOWN' });
    expect(await names()).toEqual([]);
    await late();
    expect(await names()).toEqual(['new']);
  });

  it('and delete from it leave whole images alone', { timeout: 120_000 }, async () => {
    const script = ['--conditions=@lading/source', '--input-type=module', '-e', changer];
    const said = await Promise.all(
      ['a', 'b'].map(async (prefix) => {
        const options = { cwd: join(import.meta.dirname, '..') };
        const { stdout } = await run(process.execPath, [...script, cwd, prefix, '40'], options);
        return Number(stdout);
      }),
    );
    expect(said).toEqual([40, 40]);
    expect(await names()).toEqual(['a', 'b']);
    for (const name of ['a', 'b']) {
      const source = await openSource(`oci:layout:${name}`, { cwd });
      const { config, layers } = parseManifest((await source.manifest()).bytes);
      for (const blob of [config, ...layers]) await Array.fromAsync(source.blob(blob));
    }
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

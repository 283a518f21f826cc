// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseManifest } from '@lading/image-spec';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import { openSource } from '../src/index.ts';
import { copy, later, makeFolder } from './programs.ts';

let cwd: string;
let news: string | undefined;
beforeEach(async () => {
  cwd = await makeFolder();
  const tars = ['a.tar', 'b.tar', 'c.tar'];
  for (const name of tars) {
    // A tar of one file of random bytes: what a copy takes some time for.
    const { endOfArchive, tarMemberHeader } = await import('@lading/layer');
    const size = 2 * 1024 * 1024;
    const header = tarMemberHeader({ name: 'file', size, mode: 0o644 });
    await writeFile(join(cwd, name), Buffer.concat([header, randomBytes(size), endOfArchive]));
  }
  news = (await copy(`tarball:${tars.join(':')}`, 'oci:in:x', { cwd })).config;
});

/** Copies, and says on stdout how far it is. */
const copier = `
import { copyImage, openDestination, openSource } from '@lading/image-copy';
const [cwd, to] = process.argv.slice(1);
const source = await openSource('oci:in:x', { cwd });
const destination = await openDestination(to, { cwd });
const say = (text) => new Promise((resolve) => process.stdout.write(text + '\\n', resolve));
await copyImage(source, destination, { onProgress: ({ kind, state }) => void say(kind + ' ' + state) });
await destination.close();
await say('done');
`;

/** Copies in another process, which is killed when it has said so many lines. Resolves to how many there were. */
async function copyUntil(to: string, lines: number): Promise<{ said: number; isDone: boolean }> {
  const argv = ['--conditions=@lading/source', '--input-type=module', '-e', copier, cwd, to];
  const child = spawn(process.execPath, argv, {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, TMPDIR: cwd }, // what was killed cannot take its temporary files away
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  later(async () => void child.kill('SIGKILL'));
  const closed = once(child, 'close');
  let said = 0;
  let isDone = false;
  for await (const line of createInterface(child.stdout)) {
    said += 1;
    isDone ||= line === 'done';
    if (said === lines) child.kill('SIGKILL');
  }
  await closed;
  return { said, isDone };
}

/** The image that a place has, read to its last byte; undefined where there is none. */
async function imageIn(reference: string): Promise<string | undefined> {
  const source = await openSource(reference, { cwd });
  try {
    const top = await source.manifest().catch(() => undefined);
    if (top === undefined) return undefined;
    const manifest = parseManifest(top.bytes);
    const { config } = manifest;
    // The local store gives its layers as they are unpacked.
    const given = await source.layersToCopy?.(manifest);
    const layers = given?.map(({ layer }) => layer) ?? manifest.layers;
    for (const blob of [config, ...layers]) {
      const hash = createHash('sha256');
      for await (const chunk of source.blob(blob)) hash.update(chunk);
      expect(`sha256:${hash.digest('hex')}`).toBe(blob.digest);
    }
    return config.digest;
  } finally {
    await source.close();
  }
}

const places = [
  { reference: 'oci:out:x', isReplaced: true },
  { reference: 'dir:out', isReplaced: true },
  { reference: 'oci-archive:out.tar:x', isReplaced: true },
  { reference: 'docker-archive:out.tar:example.com/app:1', isReplaced: false },
  { reference: 'containers-storage:[overlay@CWD/graph+CWD/run]example.com/app:1', isReplaced: true },
] as const;

describe('a copy that is killed leaves the old image or the new one', () => {
  it.each(places)('$reference', { timeout: 240_000 }, async ({ reference, isReplaced }) => {
    const to = reference.replaceAll('CWD', cwd);
    const image = await makeTestImage({ seed: 'old' });
    const { said } = await copyUntil(to.replace('out', 'whole').replace('app', 'whole'), -1);
    expect(said).toBeGreaterThan(20);
    if (isReplaced) await copy(createMemorySource(image), to, { cwd });
    const old = isReplaced ? image.config.digest : undefined;
    const found = new Set<string | undefined>();
    // The last lines are those about the manifest, when all is put in its place.
    for (const lines of [1, said >> 2, said >> 1, said - 2, said - 1, said - 1]) {
      const { isDone } = await copyUntil(to, lines);
      const now = await imageIn(to);
      found.add(now);
      expect(isDone ? [news] : [old, news]).toContain(now);
      if (isReplaced) await copy(createMemorySource(image), to, { cwd });
      else if (now !== undefined) break;
    }
    expect(found).toContain(old);
    // What is left of those that were killed is in nobody's way.
    const isThere = !isReplaced && (await imageIn(to)) !== undefined;
    if (!isThere) expect((await copyUntil(to, -1)).isDone).toBe(true);
    expect(await imageIn(to)).toBe(news);
    if (isReplaced) {
      const names = await readdir(cwd, { recursive: true });
      expect(names.filter((name) => basename(name).startsWith('.lading-'))).toEqual([]);
    }
  });
});

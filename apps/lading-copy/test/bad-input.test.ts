// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { digestHex } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { ladingCopy, later, makeFolder, put } from './world.ts';

describe('copy fails with one line and names no image in the destination', () => {
  const spoil: [string, (file: string) => Promise<void>][] = [
    ['a wrong digest', async (file) => writeFile(file, (await readFile(file)).fill(1))],
    ['a truncated blob', (file) => truncate(file, 5)],
    ['a blob that is too long', (file) => writeFile(file, 'more', { flag: 'a' })],
  ];
  it.each(spoil)('%s', async (_name, action) => {
    const cwd = await makeFolder();
    const image = await makeTestImage({ seed: 'x', layers: 1 });
    await put(image, `oci:${cwd}/in:x`);
    const digest = image.layers[0]?.digest;
    if (digest === undefined) throw new Error('the image has no layer');
    await action(join(cwd, 'in/blobs/sha256', digestHex(digest)));
    const { code, stderr } = await ladingCopy(cwd, ['copy', '-q', 'oci:in:x', 'oci:out:x']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Error: [^\n]*sha256[^\n]*\n$/),
    });
    const left = existsSync(join(cwd, 'out')) ? await readdir(join(cwd, 'out'), { recursive: true }) : [];
    expect(left.filter((path) => path.includes('tmp') || path.endsWith(digestHex(digest)))).toEqual([]);
    const index = join(cwd, 'out/index.json');
    if (existsSync(index)) expect(JSON.parse(await readFile(index, 'utf8')).manifests).toEqual([]);
  });

  it('an unknown image, and a registry that does not answer', async () => {
    const cwd = await makeFolder();
    const registry = await startRegistry();
    later(() => registry.close());
    const copy = (host: string) =>
      ladingCopy(cwd, ['copy', '-q', '--src-tls-verify=false', `docker://${host}/nosuch:x`, 'dir:out']);
    const line = expect.stringMatching(/^Error: [^\n]*127\.0\.0\.1[^\n]*\n$/);
    expect(await copy(registry.host)).toEqual({ code: 2, stdout: '', stderr: line });
    expect(await copy('127.0.0.1:1')).toEqual({ code: 1, stdout: '', stderr: line });
    expect(existsSync(join(cwd, 'out/manifest.json'))).toBe(false);
  });
});

describe('--limit-rate', () => {
  it.each(['1', '100k', '1.5M', '2g'])('%s is understood', async (rate) => {
    const cwd = await makeFolder();
    const image = await makeTestImage({ seed: 'rate', layers: 0 });
    await put(image, `oci:${cwd}/in:x`);
    const argv = ['copy', '-q', '--insecure-policy', '--limit-rate', rate, 'oci:in:x', 'oci:out:x'];
    expect(await ladingCopy(cwd, argv)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each(['', '0', '-1', 'fast', '1kb', '1e3', '0.0001'])('"%s" is refused', async (rate) => {
    const cwd = await makeFolder();
    for (const argv of [
      ['copy', 'oci:in:x', 'oci:out:x'],
      ['sync', '-s', 'dir', '-d', 'docker', 'in', 'registry.invalid'],
    ]) {
      const { code, stderr } = await ladingCopy(cwd, [...argv, '--insecure-policy', `--limit-rate=${rate}`]);
      expect(code).toBe(1);
      expect(stderr).toContain(`--limit-rate ${rate}: write bytes a second`);
    }
  });
});

// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { expect, it } from 'vitest';
import { ladingCopy, makeFolder, put, tool } from './world.ts';

it('layers go encrypted from one program to the other, and their flags are told apart alike', async () => {
  const cwd = await makeFolder();
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(cwd, 'key.pub'), publicKey.export({ format: 'pem', type: 'spki' }));
  await writeFile(join(cwd, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await put(await makeTestImage({ seed: 'app', layers: 3 }), `oci:${cwd}/in:x`);
  const programs = {
    ours: (...argv: string[]) => ladingCopy(cwd, ['copy', '-q', ...argv]),
    theirs: (...argv: string[]) => tool(cwd, 'skopeo', ['--insecure-policy', 'copy', '-q', ...argv]),
  };
  const layersOf = async (layout: string): Promise<unknown> => {
    const { stdout } = await tool(cwd, 'skopeo', ['inspect', '--raw', `oci:${layout}:x`]);
    return JSON.parse(stdout).layers.map(({ mediaType }: { mediaType: string }) => mediaType);
  };
  for (const [name, program] of Object.entries(programs)) {
    const encrypt = ['--encryption-key', 'jwe:key.pub', '--encrypt-layer', '0,-1'];
    expect(await program(...encrypt, 'oci:in:x', `oci:${name}:x`)).toMatchObject({ code: 0 });
  }
  expect(await layersOf('ours')).toEqual(await layersOf('theirs'));
  const raw = async (layout: string): Promise<string> =>
    (await tool(cwd, 'skopeo', ['inspect', '--raw', `oci:${layout}:x`])).stdout;
  const { ours, theirs } = programs;
  expect(await ours('--decryption-key', 'key.pem', 'oci:theirs:x', 'oci:ours-plain:x')).toMatchObject({
    code: 0,
  });
  expect(await theirs('--decryption-key', 'key.pem', 'oci:ours:x', 'oci:theirs-plain:x')).toMatchObject({
    code: 0,
  });
  const digests = (text: string): unknown =>
    JSON.parse(text).layers.map(({ digest }: { digest: string }) => digest);
  expect(digests(await raw('ours-plain'))).toEqual(digests(await raw('in')));
  expect(digests(await raw('theirs-plain'))).toEqual(digests(await raw('in')));
  // Debian's skopeo passes over a layer that is not there; later ones refuse it.
  const missing = ['--encryption-key', 'jwe:key.pub', '--encrypt-layer', '3'];
  expect(await ours(...missing, 'oci:in:x', 'oci:w:x')).toMatchObject({ code: 1 });
  for (const wrong of [
    ['--encrypt-layer', '0'],
    ['--encryption-key', 'jwe:key.pub', '--decryption-key', 'key.pem'],
    ['--encryption-key', 'jwe:key.pub', '--encrypt-layer', 'x'],
    ['--encryption-key', 'jwe:key.pub', '--encrypt-layer', ''],
    ['--encryption-key', 'jwe:missing'],
    ['--encryption-key', 'key.pub'],
  ]) {
    const [a, b] = [
      await ours(...wrong, 'oci:in:x', 'oci:w:x'),
      await theirs(...wrong, 'oci:in:x', 'oci:w:x'),
    ];
    expect([wrong, a.code, a.stderr.trimEnd().split('\n').length]).toEqual([wrong, b.code, 1]);
  }
});

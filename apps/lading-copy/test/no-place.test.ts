// SPDX-License-Identifier: Apache-2.0
import { makeTestImage } from '@lading/image-copy/conformance';
import { startRegistry } from '@lading/registry';
import { expect, it } from 'vitest';
import { ladingCopy, later, makeFolder, put } from './world.ts';

// Node makes folders below /proc in a loop that has no end.
it.each([
  ['copy', '-q', 'oci:in:x', 'oci:/proc/no/x:y'],
  ['copy', '-q', 'oci:in:x', 'dir:/proc/no/x'],
  ['copy', '-q', '--dest-shared-blob-dir', '/proc/no/x', 'oci:in:x', 'oci:out:y'],
  ['blob', 'put', 'oci:/proc/no/x:y', 'folder/version'],
  ['artifact', 'put', '--artifact-type', 'a/b', 'oci:/proc/no/x:y', 'folder/version'],
  ['artifact', 'get', '--output', '/proc/no/x', 'oci:in:notes'],
  ['man', '/proc/no/x'],
  ['login', '-u', 'me', '-p', 'secret', '--tls-verify=false', '--authfile', '/proc/no/x', 'REGISTRY'],
])('%s %s %s is refused at once where no folder can be', { timeout: 30_000 }, async (...argv) => {
  const cwd = await makeFolder();
  await put(await makeTestImage({ seed: 'x', layers: 1 }), `oci:${cwd}/in:x`);
  await put(await makeTestImage({ seed: 'x', layers: 1 }), `dir:${cwd}/folder`);
  await ladingCopy(cwd, ['artifact', 'put', '--artifact-type', 'a/b', 'oci:in:notes', 'folder/version']);
  const registry = await startRegistry();
  later(() => registry.close());
  const { code, stdout, stderr } = await ladingCopy(cwd, [
    '--insecure-policy',
    ...argv.map((arg) => (arg === 'REGISTRY' ? registry.host : arg)),
  ]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^Error: .*(?:\/proc takes no new folders|cannot write \/proc\/no\/x)/m);
});

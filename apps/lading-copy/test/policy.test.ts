// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { expect, it } from 'vitest';
import { ladingCopy, makeFolder, put } from './world.ts';

const rejects = '{"default":[{"type":"reject"}]}';
const accepts = '{"default":[{"type":"insecureAcceptAnything"}]}';

it.each<[string, readonly string[], number, RegExp]>([
  ["the user's policy is obeyed", [], 1, /refused by the policy: requirement 1 \(reject\) of default/],
  ['another file can be named', ['--policy', 'accepts.json'], 0, /^$/],
  [
    'a named file that is not there is an error',
    ['--policy', 'none.json'],
    1,
    /no signature policy at .*none\.json/,
  ],
  ['all can be accepted', ['--insecure-policy'], 0, /^$/],
  [
    'a signature can be demanded',
    ['--policy', 'accepts.json', '--require-signed'],
    1,
    /nothing here verifies one/,
  ],
  ['two wishes at once are refused', ['--insecure-policy', '--require-signed'], 1, /contradict each other/],
])('%s', async (_, flags, code, message) => {
  const cwd = await makeFolder();
  await put(await makeTestImage({ seed: 'policy' }), `oci:${cwd}/in:x`);
  await mkdir(join(cwd, '.config/containers'), { recursive: true });
  await writeFile(join(cwd, '.config/containers/policy.json'), rejects);
  await writeFile(join(cwd, 'accepts.json'), accepts);
  const outcome = await ladingCopy(cwd, [...flags, 'copy', '-q', 'oci:in:x', 'dir:out']);
  expect(outcome.code).toBe(code);
  expect(outcome.stderr).toMatch(message);
  expect((await readdir(cwd)).includes('out')).toBe(code === 0);
});

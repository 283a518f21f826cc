// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadSignatureStorages, parseSignatureStorages } from './registries-d.ts';

it('reads the names of old and the names of today, and what Go tools take for true', async () => {
  const found = await parseSignatureStorages(
    `
default-docker: {sigstore: file:///old, sigstore-staging: file:///out}
docker:
  a.net/b:
    lookaside: https://a.net/s
    sigstore: file:///old
    use-sigstore-attachments: on
    later-invention: 1
  c.net:
`,
    '/a.yaml',
  );
  expect(found.defaultDocker).toEqual({
    lookaside: 'file:///old',
    lookasideStaging: 'file:///out',
    useSigstoreAttachments: undefined,
  });
  expect(found.docker.get('a.net/b')).toEqual({
    lookaside: 'https://a.net/s',
    lookasideStaging: undefined,
    useSigstoreAttachments: true,
  });
  expect([...found.docker.keys()]).toEqual(['a.net/b', 'c.net']);
});

it.each([
  ['the same scope twice', 'docker: {a.net: {}, a.net: {}}', /DUPLICATE_KEY/],
  ['a list', '[]', /expected a mapping/],
  ['a number for a scope', 'docker: {1: {}}', /a key is not a string/],
  ['a list for a URL', 'docker: {a.net: {lookaside: []}}', /lookaside: expected a string/],
  ['a word for a switch', 'docker: {a.net: {use-sigstore-attachments: maybe}}', /expected true or false/],
  ['broken text', 'docker: {', /a\.yaml:1: it is not YAML/],
  ['an alias', 'docker: &a {b.net: *a}', /alias/],
  ['a bomb of aliases', `a: &a [1,1]\nb: &b [*a,*a]\nc: &c [*b,*b]\ndocker: {d.net: *c}`, /alias/],
  ['a nest of lists', '['.repeat(20_000), /a\.yaml/],
])('%s is refused', async (_, text, message) => {
  await expect(parseSignatureStorages(text, '/a.yaml')).rejects.toThrow(message);
});

it('takes all files of the folder as one, and a scope in two of them is an error', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lading-registries-d-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  expect((await loadSignatureStorages({ directory: join(directory, 'none') })).docker.size).toBe(0);
  await writeFile(join(directory, 'a.yaml'), 'docker: {a.net: {lookaside: file:///a}}');
  await writeFile(join(directory, 'b.yaml'), 'docker: {b.net: {lookaside: file:///b}}');
  await writeFile(join(directory, 'c.yml'), 'not: [yaml');
  expect([...(await loadSignatureStorages({ directory })).docker.keys()]).toEqual(['a.net', 'b.net']);
  await writeFile(join(directory, 'c.yaml'), 'docker: {a.net: {}}');
  await expect(loadSignatureStorages({ directory })).rejects.toThrow(
    /c\.yaml: docker: "a\.net" is in another file/,
  );
});

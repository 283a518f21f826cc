// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { MediaType } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { copyRows } from './skopeo-table/copy-rows.ts';
import { copyFixtures, fillRegistry, makeFixtures, treeOf } from './skopeo-table/fixtures.ts';
import { inspectRows } from './skopeo-table/inspect-rows.ts';
import { loginRows } from './skopeo-table/login-rows.ts';
import { otherRows } from './skopeo-table/other-rows.ts';
import type { Row } from './skopeo-table/row.ts';
import { ladingCopy, makeFolder, type Outcome, put, tool } from './world.ts';

const table: readonly Row[] = [...inspectRows, ...copyRows, ...otherRows];

const manifestTypes = [MediaType.ImageManifest, MediaType.DockerManifest];
const indexTypes = [MediaType.ImageIndex, MediaType.DockerManifestList];

let fixtures: string;
let digest: string;
const open = new AsyncDisposableStack();
beforeAll(async () => {
  fixtures = await mkdtemp(join(tmpdir(), 'lading-copy-table-'));
  open.defer(() => rm(fixtures, { recursive: true, force: true }));
  digest = await makeFixtures(fixtures);
});
afterAll(() => open.disposeAsync());

interface Result extends Outcome {
  readonly files: Readonly<Record<string, string>>;
  readonly manifests: readonly string[];
}

/** Runs a row by one of the programs, and looks at all that it left. */
async function run(program: 'ours' | 'theirs', row: Row, registry: string): Promise<Result> {
  const cwd = await makeFolder();
  copyFixtures(fixtures, cwd);
  const filled = (word: string): string =>
    word.replaceAll('$R', registry).replaceAll('$NS', program).replaceAll('$H', digest);
  const plain = (text: string): string =>
    text.replaceAll(cwd, '$CWD').replaceAll(`/${program}/`, '/$NS/').replaceAll('lading-copy', 'skopeo');
  const argv = row.argv.map(filled);
  const options = { stdin: row.stdin ?? '', env: row.env ?? {} };
  const { code, stdout, stderr } =
    program === 'ours' ? await ladingCopy(cwd, argv, options) : await tool(cwd, 'skopeo', argv, options);
  const manifests = await Promise.all(
    (row.look ?? []).map(async (reference) => {
      const [, name = '', tag = ''] = /^(.*):(.*)$/.exec(filled(reference)) ?? [];
      const answer = await fetch(`http://${registry}/v2/${name}/manifests/${tag}`, {
        headers: { accept: [...manifestTypes, ...indexTypes].join() },
      });
      return `${answer.status} ${answer.headers.get('content-type')} ${await answer.text()}`;
    }),
  );
  return {
    code,
    stdout: plain(row.argv.includes('copy') ? copyOutput(stdout, program, code) : stdout),
    stderr,
    files: treeOf(cwd),
    manifests,
  };
}

/** Of `copy` skopeo has its progress on stdout and we have the reference by digest: neither is compared. */
function copyOutput(stdout: string, program: 'ours' | 'theirs', code: number): string {
  if (program === 'theirs' || stdout === '') return '';
  expect(stdout).toMatch(code === 0 ? /^\S+@sha256:[0-9a-f]{64}\n$/ : /^$/);
  return '';
}

async function compare(row: Row, registry: string): Promise<void> {
  const [theirs, ours] = await Promise.all([run('theirs', row, registry), run('ours', row, registry)]);
  const { code, stdout, unlike = [] } = row.differs ?? {};
  const edit = typeof stdout === 'function' ? stdout : (text: string) => text;
  // What skopeo says on stderr tells why, where the codes differ.
  expect([ours.code, ours.code === 0 ? '' : ours.stderr], theirs.stderr).toEqual([
    code ?? theirs.code,
    ours.code === 0 ? '' : expect.stringMatching(/^(?:(?!Error: )[^\n]*\n)*Error: [^\n]+\n(?!.*Error: )/s),
  ]);
  if (!unlike.includes('stdout')) {
    expect(edit(ours.stdout)).toBe(typeof stdout === 'string' ? stdout : theirs.stdout);
  }
  if (unlike.includes('bytes')) return;
  expect(ours.files).toEqual(theirs.files);
  expect(ours.manifests).toEqual(theirs.manifests);
}

const named = (list: readonly Row[]) => list.map((row) => [row.argv.join(' '), row] as const);
const needsRegistry = (row: Row): boolean => row.argv.some((word) => word.includes('$R'));

describe('without a registry', () => {
  it.each(named(table.filter((row) => !needsRegistry(row))))('skopeo %s', (_line, row) => compare(row, ''));
});

const registries = [
  ["Debian's docker-registry", () => startDockerRegistry()],
  ['lading-registry', () => startRegistry()],
] as const;

describe.each(registries)('with %s', (_name, start) => {
  let registry: string;
  const open = new AsyncDisposableStack();
  beforeAll(async () => {
    const started = open.use(await start());
    registry = started.host;
    await fillRegistry(registry);
  });
  afterAll(() => open.disposeAsync());

  it.each(named(table.filter(needsRegistry)))('skopeo %s', (_line, row) => compare(row, registry));
});

describe('with a registry that asks for a login', () => {
  let registry: string;
  const open = new AsyncDisposableStack();
  beforeAll(async () => {
    const expected = `Basic ${encode('me:secret')}`;
    const started = open.use(
      await startRegistry({
        authorize: ({ headers }) =>
          headers.authorization === expected ? undefined : { challenge: 'Basic realm="registry"' },
      }),
    );
    registry = started.host;
    const credentials = { username: 'me', password: 'secret' };
    await put(await makeTestImage({ seed: 'x' }), `docker://${registry}/team/app:1`, false, credentials);
    const auths = { [registry]: { auth: encode('me:secret') }, 'other.example': { auth: encode('you:x') } };
    const files = {
      'stored.json': { auths: { ...auths, [`${registry}/team/other`]: { auth: encode('they:y') } } },
      'token.json': { auths: { [registry]: { auth: encode('me:'), identitytoken: 'abc' } } },
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(fixtures, name), JSON.stringify(content));
    }
    await writeFile(join(fixtures, 'broken.json'), '{"auths": ');
  });
  afterAll(() => open.disposeAsync());

  it.each(named(loginRows))('skopeo %s', (_line, row) => compare(row, registry));
});

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

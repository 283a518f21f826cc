// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from '@lading/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { copyRows } from './skopeo-table/copy-rows.ts';
import { copyFixtures, fillRegistry, makeFixtures, treeOf } from './skopeo-table/fixtures.ts';
import { inspectRows } from './skopeo-table/inspect-rows.ts';
import { otherRows } from './skopeo-table/other-rows.ts';
import type { Row } from './skopeo-table/row.ts';
import { ladingCopy, makeFolder, type Outcome, tool } from './world.ts';

const table: readonly Row[] = [...inspectRows, ...copyRows, ...otherRows];

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
  await copyFixtures(fixtures, cwd);
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
        headers: { accept: '*/*' },
      });
      return `${answer.status} ${answer.headers.get('content-type')} ${await answer.text()}`;
    }),
  );
  return {
    code,
    stdout: plain(row.argv.includes('copy') ? copyOutput(stdout, program, code) : stdout),
    stderr,
    files: await treeOf(cwd),
    manifests,
  };
}

/** Of `copy` skopeo has its progress on stdout and we have the reference by digest: neither is compared. */
function copyOutput(stdout: string, program: 'ours' | 'theirs', code: number): string {
  if (program === 'theirs' || stdout === '') return '';
  expect(stdout).toMatch(code === 0 ? /^\S+@sha256:[0-9a-f]{64}\n$/ : /^$/);
  return '';
}

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

  it.each(table.map((row) => [row.argv.join(' '), row] as const))('skopeo %s', async (_line, row) => {
    const theirs = await run('theirs', row, registry);
    const ours = await run('ours', row, registry);
    const { differs } = row;
    const edit = typeof differs?.stdout === 'function' ? differs.stdout : (text: string) => text;
    // What skopeo says on stderr tells why, where the codes differ.
    expect([ours.code, ours.code === 0 ? '' : ours.stderr], theirs.stderr).toEqual([
      differs?.code ?? theirs.code,
      ours.code === 0 ? '' : expect.stringMatching(/^(?:Warning: [^\n]*\n)*Error: [^\n]+\n/),
    ]);
    expect(edit(ours.stdout)).toBe(typeof differs?.stdout === 'string' ? differs.stdout : theirs.stdout);
    if (differs?.bytes === true) return;
    expect(ours.files).toEqual(theirs.files);
    expect(ours.manifests).toEqual(theirs.manifests);
  });
});

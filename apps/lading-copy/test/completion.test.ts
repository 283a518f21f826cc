// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { startRegistry } from '@lading/registry';
import { beforeEach, describe, expect, it } from 'vitest';
import { ladingCopy, later, makeFolder, put, self } from './world.ts';

let cwd: string;
let host: string;
beforeEach(async () => {
  cwd = await makeFolder();
  const registry = await startRegistry();
  later(() => registry.close());
  host = registry.host;
  const image = await makeTestImage({ seed: 'x' });
  for (const tag of ['1.0', '1.1', 'latest']) await put(image, `docker://${host}/team/app:${tag}`);
  for (const name of ['one', 'two']) await put(image, `oci:${cwd}/layout:${name}`);
});

/** Runs a script of a shell, with the program on its PATH and a line as its argument. */
async function inShell(shell: readonly string[], line: string): Promise<readonly string[]> {
  const program = join(cwd, 'lading-copy');
  const command = `exec ${self.join(' ')} "$@"`;
  await writeFile(program, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  const env = { ...process.env, HOME: cwd, PATH: `${cwd}:${process.env.PATH}` };
  const [file = '', ...argv] = shell;
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(file, [...argv, line], { cwd, env }, (error, text) =>
      error === null ? resolve(text) : reject(error),
    );
  });
  return stdout.split('\n').filter((one) => one !== '');
}

/** What bash offers: it asks the function as it does when the tabulator is pressed. */
const bash = `source <(lading-copy completion bash)
  compopt() { :; } # bash has it while it completes alone
  COMP_LINE=$1 COMP_POINT=\${#1}
  _lading_copy
  printf '%s\\n' "\${COMPREPLY[@]}"`;

/** The functions of zsh's own completion print what they are given. */
const zsh = `compdef() { :; }
  compset() { :; }
  _describe() { print -rl -- "\${(@P)3}" }
  _files() { print -r -- "files $*" }
  source <(lading-copy completion zsh)
  words=("\${(@s: :)1}") CURRENT=\${#words}
  _lading_copy`;

const fish = 'lading-copy completion fish | source; complete -C $argv[1]';

describe('completion in bash', () => {
  it.each<[string, (registry: string) => readonly string[]]>([
    ['lading-copy insp', () => ['inspect']],
    ['lading-copy inspect --no-t', () => ['--no-tags']],
    ['lading-copy --progress p', () => ['plain']],
    ['lading-copy copy --format=v2', () => ['v2s1', 'v2s2']],
    ['lading-copy inspect docker-a', () => ['docker-archive:']],
    ['lading-copy inspect --tls-verify=false docker://$R/team/app:1', () => ['1.0', '1.1']],
    ['lading-copy copy --dest-tls-verify=false dir:in docker://$R/team/app:l', () => ['latest']],
    ['lading-copy mutate --src-tls-verify=false docker://$R/team/app:l', () => ['latest']],
    ['lading-copy diff --dest-tls-verify=false dir:in docker://$R/team/app:l', () => ['latest']],
    ['lading-copy inspect oci:lay', () => ['layout']],
    ['lading-copy inspect oci:layout:t', () => ['two']],
    ['lading-copy inspect docker-archive:lading', () => ['lading-copy']],
    ['lading-copy --policy lay', () => ['layout']],
    ['lading-copy nonsense ', () => []],
  ])('of %j', async (line, expected) => {
    expect(await inShell(['bash', '-euc', bash, 'bash'], line.replace('$R', host))).toEqual(expected(host));
  });
});

describe('completion in zsh', () => {
  it.each([
    ['lading-copy insp', 'inspect:Inspect image IMAGE-NAME'],
    ['lading-copy copy --format=v2s1', '--format=v2s1'],
    ['lading-copy inspect docker-a', 'docker-archive\\:'],
    ['lading-copy inspect oci:layout:t', 'oci\\:layout\\:two'],
    ['lading-copy inspect dir:lay', 'files -/'],
    ['lading-copy --policy lay', 'files '],
  ])('of %j', async (line, expected) => {
    expect(await inShell(['zsh', '-fc', zsh, 'zsh'], line)).toEqual([expected]);
  });
});

describe('completion in fish', () => {
  it.each([
    ['lading-copy insp', 'inspect\tInspect image IMAGE-NAME'],
    ['lading-copy copy --format=v2s1', '--format=v2s1'],
    ['lading-copy inspect docker-a', 'docker-archive:'],
    ['lading-copy inspect oci:layout:t', 'oci:layout:two'],
    ['lading-copy inspect dir:lay', 'dir:layout/'],
    ['lading-copy inspect docker-archive:lading', 'docker-archive:lading-copy'],
  ])('of %j', async (line, expected) => {
    expect(
      (await inShell(['fish', '-c', fish], line)).map((one) =>
        one.replace(/\t(?:Directory.*|command.*)?$/i, ''),
      ),
    ).toEqual([expected]);
  });
});

describe('what the shells are told', () => {
  const ask = async (...words: string[]) => (await ladingCopy(cwd, ['__complete', ...words])).stdout;

  it('is every command that is not hidden, with its summary', async () => {
    const lines = (await ask('')).split('\n');
    expect(lines).toContain('copy\tCopy an IMAGE-NAME from one location to another');
    expect(lines.some((line) => line.startsWith('layers'))).toBe(false);
    expect(lines.at(-2)).toBe(':4');
  });

  it('is a tag only of what there is, and quietly', async () => {
    const quiet = { code: 0, stdout: ':4\n', stderr: '' };
    expect(await ladingCopy(cwd, ['__complete', 'inspect', `docker://${host}/team/app:1`])).toEqual(quiet);
    expect(await ladingCopy(cwd, ['__complete', 'inspect', 'docker://127.0.0.1:1/a/b:'])).toEqual(quiet);
    expect(await ask('inspect', '--tls-verify=false', `docker://${host}/team/app:lat`)).toBe(
      `docker://${host}/team/app:latest\n:4\n`,
    );
  });

  it('is a folder or a file where one is to follow', async () => {
    expect(await ask('inspect', 'dir:')).toBe(':16\n');
    expect(await ask('inspect', '--authfile', '')).toBe(':0\n');
    expect(await ask('inspect', 'docker-archive:x')).toBe(':2\n');
    expect(await ask('copy', '--', '--x')).toBe(':6\n');
  });
});

it('there are scripts for bash, zsh and fish, and for no other shell', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await ladingCopy(cwd, ['completion', shell]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('lading-copy')]);
  }
  expect(await ladingCopy(cwd, ['completion', 'tcsh'])).toMatchObject({
    code: 1,
    stderr: 'Error: name a shell: lading-copy completion bash|zsh|fish\n',
  });
});

it('the manual has a page for each command, which groff takes without a word', async () => {
  const { code, stdout } = await ladingCopy(cwd, ['man', 'man1']);
  expect(code).toBe(0);
  const files = await readdir(join(cwd, 'man1'));
  expect(stdout.trim().split('\n').toSorted()).toEqual(files.toSorted());
  expect(files).toEqual(
    expect.arrayContaining(['lading-copy.1', 'lading-copy-copy.1', 'lading-copy-inspect.1']),
  );
  const rendered = await new Promise<string>((resolve, reject) => {
    const argv = ['-Kutf8', '-man', '-ww', '-z', '-Tutf8', ...files.map((file) => join(cwd, 'man1', file))];
    execFile('groff', argv, (error, _out, err) => (error === null ? resolve(err) : reject(error)));
  });
  expect(rendered).toBe('');
});

// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asFunction, writeAsFunctions } from './as-functions.ts';
import { codeCachesOf } from './code-cache.ts';
import { joinHotFiles } from './join-hot-files.ts';

let folder: string;
let program: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-program-'));
  program = join(folder, 'program');
  await mkdir(program);
  await writeFile(join(program, 'package.json'), '{ "type": "commonjs" }');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the cache of compiled code', () => {
  let caches: string;

  beforeEach(async () => {
    caches = join(folder, 'caches');
    await build({
      entryPoints: [join(import.meta.dirname, 'load.ts')],
      outfile: join(program, 'load.js'),
      bundle: true,
      format: 'cjs',
      platform: 'node',
    });
  });

  function run(text: string, version = 'one'): string {
    const main = asFunction(`console.log((()=>"${text}")())`);
    const prepare = `fs.writeFileSync(f+'main.js',${JSON.stringify(main)});fs.writeFileSync(f+'build','${version}');`;
    const script = `const fs=require('fs'),f='${program}/';${prepare}require(f+'load.js').start('x','${caches}')`;
    return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim();
  }

  async function place(): Promise<string> {
    const [name = ''] = await readdir(caches);
    return join(caches, name);
  }

  it('is made by the first run, for its user alone, and used by the next', async () => {
    expect(run('good')).toBe('good');
    expect(await readdir(await place())).toEqual(['main.js', 'size']);
    // V8 knows sources by their length: this shows that the cache is what runs, and why it must be trusted.
    expect(run('evil')).toBe('good');
  });

  it('is each command’s own, but for the main file', async () => {
    await writeFile(join(program, 'shared.js'), 'exports.b=()=>"b";exports.c=()=>"c".repeat(3);');
    const files = {
      'run.js': 'exports.run=()=>require("./shared.js").b()',
      'ps.js': 'exports.run=()=>require("./shared.js").c()',
    };
    for (const [name, source] of Object.entries(files)) await writeFile(join(program, name), source);
    const main = 'console.log(require("./"+process.argv[1]).run())';
    await writeFile(join(program, 'main.js'), main);
    await writeAsFunctions(program);
    await writeFile(join(program, 'build'), 'one');
    const words = ['-e', `require('${program}/load.js').start('x','${caches}')`];
    const call = (name: string): string =>
      execFileSync(process.execPath, [...words, name], { encoding: 'utf8' }).trim();
    expect([call('run.js'), call('ps.js'), call('run.js')]).toEqual(['b', 'ccc', 'b']);
    expect((await readdir(await place(), { recursive: true })).sort()).toEqual([
      'main.js',
      ...['ps.js', 'ps.js/ps.js', 'ps.js/shared.js', 'ps.js/size'],
      ...['run.js', 'run.js/run.js', 'run.js/shared.js', 'run.js/size'],
    ]);
  });

  it('is another one for another build', async () => {
    run('good');
    expect(run('next', 'two')).toBe('next');
    expect(await readdir(caches)).toHaveLength(2);
  });

  it.each([
    ['others may write to', async (path: string) => chmod(path, 0o777)],
    [
      'is a link',
      async (path: string) => {
        execFileSync('mv', [path, `${path}-elsewhere`]);
        await symlink(`${path}-elsewhere`, path);
      },
    ],
  ])('is not used when it %s', async (_, spoil) => {
    run('evil');
    await spoil(await place());
    expect(run('good')).toBe('good');
  });

  it('is made anew when it is broken', async () => {
    run('good');
    await writeFile(join(await place(), 'main.js'), 'nonsense');
    expect(run('nice')).toBe('nice');
    expect(run('evil')).toBe('nice');
  });

  it('is done without where nothing can be written', async () => {
    await writeFile(caches, '');
    expect(run('good')).toBe('good');
  });

  it.each([
    ['/var/cache/lading', {}, 0],
    ['/var/cache/lading', { XDG_CACHE_HOME: '/home/mallory/.cache' }, 0],
    ['/home/me/.cache/lading', { HOME: '/home/me' }, 1000],
    ['/caches/lading', { HOME: '/home/me', XDG_CACHE_HOME: '/caches' }, 1000],
    [undefined, { XDG_CACHE_HOME: 'relative' }, 1000],
    [undefined, {}, 1000],
    [undefined, { NODE_DISABLE_COMPILE_CACHE: '1' }, 0],
  ])('is in %s with %o for user %d', (expected, env, user) => {
    expect(codeCachesOf('lading', env, user)).toBe(expected);
  });
});

describe('joinHotFiles', () => {
  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, source] of Object.entries(files)) await writeFile(join(program, name), source);
  }

  it('puts what the entries require into one file each, and leaves the rest alone', async () => {
    await write({
      'main.js':
        'exports.a=require("./a.js").a;exports.later=()=>Promise.resolve().then(()=>require("./hot-1.js"));',
      'a.js': 'exports.a="a"+require("./b.js").b;',
      'b.js': 'exports.b="b";',
      'hot-1.js': 'exports.c=require("./b.js").b+require("./c.js").c;',
      'c.js': 'exports.c="c"+require("./cold.js").cold;',
      'cold.js': 'exports.cold="d";',
      'rare.js': 'exports.rare=require("./a.js").a;',
      'x.worker.js': 'require("./own.js")',
    });
    await joinHotFiles(program, { 'main-core.js': /^main\.js$/, 'hot-core.js': /^hot-/ });
    expect((await readdir(program)).sort()).toEqual(
      ['hot-core.js', 'main-core.js', 'main.js', 'package.json', 'rare.js', 'x.worker.js'].sort(),
    );
    const script = `const m=require('${program}/main.js');m.later().then((l)=>console.log(m.a,l.c,require('${program}/rare.js').rare))`;
    expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim()).toBe('ab bcd ab');
  });

  it('runs a file once, also when two require each other', async () => {
    await write({
      'main.js': 'console.log(require("./a.js").name(),require("./b.js").name())',
      'a.js': 'console.log("a runs");exports.name=()=>"a of "+require("./b.js").own;exports.own="A";',
      'b.js': 'const a=require("./a.js");exports.own="B";exports.name=()=>"b of "+a.own;',
    });
    await joinHotFiles(program, { 'main-core.js': /^main\.js$/ });
    const out = execFileSync(process.execPath, [join(program, 'main.js')], { encoding: 'utf8' });
    expect(out).toBe('a runs\na of B b of A\n');
  });
});

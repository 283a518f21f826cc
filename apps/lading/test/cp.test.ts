// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorldWithImage, type World } from './world.ts';

let world: World;
/** A folder of the host for each test. */
let here: string;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(async () => {
  here = await mkdtemp(join(world.dir, 'here-'));
});

const cp = (...words: readonly string[]) => world.lading(['cp', ...words], '', here);

async function ok(...words: readonly string[]): Promise<void> {
  expect(await cp(...words)).toEqual({ code: 0, out: '', err: '' });
}

const put = (name: string, text: string): void => writeFileSync(join(here, name), text);
const text = (...path: readonly string[]): string => readFileSync(join(here, ...path), 'utf8');

describe.each(['runs', 'was only made'])('a container that %s', (how) => {
  let name: string;
  let count = 0;
  beforeEach(async () => {
    count += 1;
    name = `${how === 'runs' ? 'running' : 'made'}${count}`;
    const words = `--network none --name ${name} -v vol${name}:/vol ${world.image} sleep 600`;
    const verb = how === 'runs' ? 'run -d' : 'create';
    expect((await world.lading(`${verb} ${words}`)).code).toBe(0);
    return async () => void (await world.lading(`rm -f -v -t 0 ${name}`));
  });

  it('takes a file under a new name, into a folder, and over another', async () => {
    put('a.txt', 'one');
    await ok('a.txt', `${name}:/tmp/b.txt`);
    await ok('a.txt', `${name}:/tmp/`);
    await ok(`${name}:/tmp/b.txt`, 'c.txt');
    put('a.txt', 'two');
    await ok('a.txt', `${name}:/tmp/b.txt`);
    await ok(`${name}:/tmp/b.txt`, 'd.txt');
    await ok(`${name}:/tmp/a.txt`, '.');
    expect([text('c.txt'), text('d.txt'), text('a.txt')]).toEqual(['one', 'two', 'one']);
  });

  it('takes a folder: under a new name, into one that is there, and what is in it', async () => {
    mkdirSync(join(here, 'site/.wh.deep'), { recursive: true });
    put('site/index', 'page');
    put('site/.wh.deep/x', 'kept');
    await ok('site', `${name}:/web`);
    await ok('site', `${name}:/web`);
    await ok('site/.', `${name}:/tmp`);
    await ok(`${name}:/web`, 'out');
    expect(readdirSync(join(here, 'out')).sort()).toEqual(['.wh.deep', 'index', 'site']);
    expect(text('out/site/.wh.deep/x')).toBe('kept');
    await ok(`${name}:/tmp/.`, 'flat');
    expect(text('flat/index')).toBe('page');
  });

  it('keeps modes and links, and has its own user as the owner', async () => {
    mkdirSync(join(here, 'tree'));
    put('tree/run', '#!/bin/sh\n');
    execFileSync('chown', ['1234:5678', join(here, 'tree/run')]);
    execFileSync('chmod', ['4750', join(here, 'tree/run')]);
    execFileSync('ln', [join(here, 'tree/run'), join(here, 'tree/same')]);
    symlinkSync('/no/where', join(here, 'tree/link'));
    await ok('tree', `${name}:/tree`);
    await ok('-a=false', 'tree', `${name}:/mine`);
    await ok('-a=false', `${name}:/tree`, 'back');
    await ok('-a=false', `${name}:/mine`, 'mine');
    const [run, same] = [lstatSync(join(here, 'back/run')), lstatSync(join(here, 'back/same'))];
    expect([run.mode & 0o7777, run.uid, run.gid]).toEqual([0o4750, 0, 0]);
    expect(same.ino).toBe(run.ino);
    expect(lstatSync(join(here, 'back/link')).isSymbolicLink()).toBe(true);
    expect([lstatSync(join(here, 'mine/run')).uid, lstatSync(join(here, 'mine/run')).gid]).toEqual([
      1234, 5678,
    ]);
  });

  it('has its volumes in its tree', async () => {
    put('a', 'in the volume');
    await ok('a', `${name}:/vol/a`);
    const { out } = await world.lading(`volume inspect --format {{.Mountpoint}} vol${name}`);
    expect(readFileSync(join(out.trim(), 'a'), 'utf8')).toBe('in the volume');
    await ok(`${name}:/vol/a`, 'b');
    expect(text('b')).toBe('in the volume');
  });

  it('gives and takes tar archives', async () => {
    put('a', 'archived');
    const tar = execFileSync('tar', ['-C', here, '-cf', '-', 'a']).toString('latin1');
    const { code } = await world.lading(['cp', '-', `${name}:/tmp`], tar, here);
    expect(code).toBe(0);
    await ok(`${name}:/tmp/a`, 'b');
    expect(text('b')).toBe('archived');
    const { out } = await cp(`${name}:/tmp`, '-');
    writeFileSync(join(here, 'out.tar'), out);
    expect(execFileSync('tar', ['-tf', join(here, 'out.tar')], { encoding: 'utf8' }).split('\n')).toEqual(
      expect.arrayContaining(['tmp/', 'tmp/a']),
    );
  });

  it('follows its links inside of it, never out of it', async () => {
    symlinkSync(here, join(here, 'trap'));
    mkdirSync(join(here, 'links'));
    symlinkSync(here, join(here, 'links/abs'));
    symlinkSync('../../../../../../../../etc', join(here, 'links/up'));
    await ok('links/.', `${name}:/tmp`);
    put('secret', 'of the host');
    const { code, err } = await cp(`${name}:/tmp/abs/secret`, 'stolen');
    expect(code).toBe(125);
    expect(err).toContain(`"/tmp/abs/secret" could not be found on container ${name}`);
    put('passwd', 'changed inside');
    await ok('passwd', `${name}:/tmp/up/passwd`);
    await ok(`${name}:/etc/passwd`, 'seen');
    expect(text('seen')).toBe('changed inside');
    expect(existsSync(join(here, 'stolen'))).toBe(false);
  });

  it('has nothing to copy where files do not last', async () => {
    const { code, err } = await cp(`${name}:/proc/version`, '.');
    expect(code).toBe(125);
    expect(err).toContain('is at /proc, where no files are that last; use exec to reach it');
  });

  it.each([
    ['a file that is not there', ['nope', ':/tmp'], '"nope" could not be found on the host'],
    ['a file of it that is not there', [':/nope', '.'], '"/nope" could not be found on container'],
    ['a folder onto a file', ['.', ':/etc/passwd'], 'destination must be a directory'],
    [
      'a file into a folder that is not there',
      ['f', ':/nope/x'],
      '"/nope/x" could not be found on container',
    ],
    ['a file as a folder that is not there', ['f', ':/nope/'], '"/nope/" could not be found on container'],
    ['an archive into a file', ['-', ':/etc/passwd'], 'destination must be a directory'],
  ])('refuses %s', async (_what, [from = '', to = ''], message) => {
    put('f', '');
    const of = (word: string): string => (word.startsWith(':') ? `${name}${word}` : word);
    const { code, err } = await cp(of(from), of(to));
    expect(code).toBe(125);
    expect(err).toMatch(/^Error: .*\n$/);
    expect(err).toContain(message);
  });

  it('exchanges files and folders only when that is asked for', async () => {
    mkdirSync(join(here, 'tree/x'), { recursive: true });
    put('tree/x/precious', 'data');
    await ok('tree', `${name}:/tree`);
    mkdirSync(join(here, 'other'));
    put('other/x', 'a file');
    const { code, err } = await cp('other/.', `${name}:/tree`);
    expect(code).toBe(125);
    expect(err).toContain('cannot extract "x"');
    expect(err).toContain('--overwrite');
    await ok(`${name}:/tree/x/precious`, 'still');
    expect(text('still')).toBe('data');
    await ok('--overwrite', 'other/.', `${name}:/tree`);
    await ok(`${name}:/tree/x`, 'x');
    expect(text('x')).toBe('a file');
  });
});

it('copies from one container to another, and within one', async () => {
  for (const name of ['left', 'right']) {
    const words = `run -d --network none --name ${name} ${world.image} sleep 600`;
    expect((await world.lading(words)).code).toBe(0);
  }
  await ok('left:/etc/passwd', 'right:/tmp/copy');
  await ok('right:/tmp/copy', 'right:/tmp/again');
  await ok('right:/tmp/again', '.');
  expect(text('again')).toContain('root:x:0:0');
  expect((await world.lading('inspect --format {{.State.Status}} left')).out).toBe('running\n');
});

it.each([
  [['a', 'b'], 'one of the two must be CONTAINER:PATH'],
  [['nope:/a', 'b'], 'no container with name or'],
  [['nope:', 'b'], 'names no path'],
])('says what is wrong with %j', async (words, message) => {
  const { code, err } = await cp(...words);
  expect(code).toBe(125);
  expect(err).toContain(message);
});

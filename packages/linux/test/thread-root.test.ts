// SPDX-License-Identifier: Apache-2.0
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openThreadRoot, openWalkedRoot } from '../src/index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-root-'));
  for (const name of ['one', 'two']) {
    mkdirSync(join(folder, name));
    symlinkSync('../../out', join(folder, name, 'climbs'));
    symlinkSync(join(folder, 'out'), join(folder, name, 'absolute'));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the text of a module body on a worker thread, with `folder` and what it imports at hand. */
async function onThread(body: string): Promise<unknown> {
  const source = [
    `import { openThreadRoot, openWalkedRoot } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};`,
    "import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';",
    "import { parentPort, workerData as folder } from 'node:worker_threads';",
    body,
  ];
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source.join('\n'))}`), {
    workerData: folder,
    execArgv: ['--conditions=@lading/source', '--disable-warning=ExperimentalWarning'],
  });
  try {
    return await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  } finally {
    await worker.terminate();
  }
}

describe('openThreadRoot', () => {
  it('refuses the main thread', () => {
    expect(() => openThreadRoot(folder)).toThrow(expect.objectContaining({ code: 'failed_precondition' }));
  });

  it('locks a thread into several folders, one after the other, and lets it out', async () => {
    writeFileSync(join(folder, 'out'), 'untouched');
    const seen = await onThread(`
      const [one, two] = ['one', 'two'].map((name) => openThreadRoot(folder + '/' + name));
      const outside = () => existsSync(folder + '/out');
      const lookAround = () => {
        writeFileSync('/made', '');
        return { names: readdirSync('/').join(), climbs: existsSync('climbs'), absolute: existsSync('/absolute'), outside: outside() };
      };
      const first = one.run(lookAround);
      const between = outside();
      const second = two.run(lookAround);
      parentPort.postMessage({ first, between, second, after: outside() });
    `);
    const inside = { names: 'absolute,climbs,made', climbs: false, absolute: false, outside: false };
    expect(seen).toEqual({ first: inside, between: true, second: inside, after: true });
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('untouched');
    expect(existsSync(join(folder, 'made'))).toBe(false);
  });

  it('lets the thread out when the work fails, and has one root within another no more than a path', async () => {
    const seen = await onThread(`
      const one = openThreadRoot(folder + '/one');
      let failure = '';
      try {
        one.run(() => { throw new Error('work'); });
      } catch (error) {
        failure = error.message;
      }
      const names = one.run(() => { try { openThreadRoot(folder + '/two'); } catch (error) { return error.code; } });
      parentPort.postMessage({ failure, names, after: existsSync(folder + '/one') });
    `);
    expect(seen).toEqual({ failure: 'work', names: 'not_found', after: true });
  });

  it('gives the thread an umask of 0, and leaves that of the others', async () => {
    const before = process.umask();
    const mode = await onThread(`
      openThreadRoot(folder).run(() => writeFileSync('/mode', '', { mode: 0o666 }));
      parentPort.postMessage(process.umask());
    `);
    expect([mode, process.umask()]).toEqual([0, before]);
  });
});

describe('openWalkedRoot', () => {
  it('refuses the main thread', () => {
    expect(() => openWalkedRoot(folder)).toThrow(expect.objectContaining({ code: 'failed_precondition' }));
  });

  it('reaches what is inside, through links too, and nothing outside', async () => {
    mkdirSync(join(folder, 'out'));
    const seen = await onThread(`
      using root = openWalkedRoot(folder + '/one');
      const write = (path) => {
        try {
          writeFileSync(root.at(Buffer.from(path)), 'x', { flag: 'wx' });
          return 'made';
        } catch (error) {
          return error.reason ?? error.code;
        }
      };
      mkdirSync(root.at(Buffer.from('/sub')));
      symlinkSync('/../sub', root.at(Buffer.from('/door')));
      symlinkSync('/proc/self/root', root.at(Buffer.from('/magic')));
      const paths = ['/climbs/a', '/absolute/a', '/sub/a', '/door/b', '/../../out/c', '/../d', '/magic/e', '/climbs'];
      const results = Object.fromEntries(paths.map((path) => [path, write(path)]));
      const folders = ['/sub', '/door', '/climbs', '/sub/a', '/gone', '/'].map((path) => root.isFolder(Buffer.from(path)));
      // A folder that is known, and then exchanged for a link.
      renameSync(root.at(Buffer.from('/sub')), root.at(Buffer.from('/old')));
      symlinkSync('../out', root.at(Buffer.from('/sub')));
      const known = write('/sub/f');
      root.forget();
      const exchanged = write('/sub/g');
      parentPort.postMessage({ results, folders, known, exchanged, names: readdirSync(folder + '/one/old').join() });
    `);
    expect(seen).toEqual({
      results: {
        '/climbs/a': 'ENOENT',
        '/absolute/a': 'ENOENT',
        '/sub/a': 'made',
        '/door/b': 'made',
        '/../../out/c': 'ENOENT',
        '/../d': 'made',
        '/magic/e': 'ENOENT',
        '/climbs': 'EEXIST',
      },
      folders: [true, true, false, false, false, true],
      known: 'made',
      exchanged: 'ENOENT',
      names: 'a,b,f',
    });
    expect(existsSync(join(folder, 'one/d'))).toBe(true);
    expect(existsSync(join(folder, 'd'))).toBe(false);
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
  });

  it('opens no more descriptors than it closes', async () => {
    const seen = await onThread(`
      const count = () => readdirSync('/proc/self/fd').length;
      const before = (openWalkedRoot(folder + '/one')[Symbol.dispose](), count());
      const root = openWalkedRoot(folder + '/one');
      for (let i = 0; i < 50; i++) {
        mkdirSync(root.at(Buffer.from('/d' + i)));
        writeFileSync(root.at(Buffer.from('/d' + i + '/f')), '');
      }
      const open = count() - before;
      root[Symbol.dispose]();
      parentPort.postMessage({ isBounded: open <= 17, left: count() - before });
    `);
    expect(seen).toEqual({ isBounded: true, left: 0 });
  });
});

// SPDX-License-Identifier: Apache-2.0
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openThreadRoot } from '../src/index.ts';

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
    `import { openThreadRoot } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};`,
    "import { existsSync, readdirSync, writeFileSync } from 'node:fs';",
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

// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const action of cleanup.splice(0).reverse()) await action();
});

const flags = ['--conditions=@lading/source'];

/** A program whose action is `body`, with `environment` in its scope. */
async function write(body: string, options: string): Promise<string> {
  // Beside the test, where the name of the package is resolved.
  const folder = await mkdtemp(join(import.meta.dirname, 'program-'));
  cleanup.push(() => rm(folder, { recursive: true }));
  const file = join(folder, 'main.ts');
  await writeFile(
    file,
    `import { runAsProcess } from '@lading/command-line/node';\nawait runAsProcess(async (argv, environment) => {${body}}, ${options});\n`,
  );
  return file;
}

async function start(body: string, options = '{}') {
  const child = spawn(process.execPath, [...flags, await write(body, options), 'a', 'b'], { stdio: 'pipe' });
  cleanup.push(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'))
      await once(child, 'exit');
  });
  return child;
}

const exitOf = async (child: ChildProcess): Promise<unknown> => {
  const [code, signal] = await once(child, 'exit');
  return code ?? signal;
};
const waiting = `
  const aborted = new Promise((resolve) => environment.signal.addEventListener('abort', resolve));
  await environment.stdout('ready\\n');
  const alive = setInterval(() => {}, 1000);
`;

describe('runAsProcess', () => {
  it('passes the words on and ends with the code of the program, whatever is still open', async () => {
    const child = await start(
      "environment.stdin[Symbol.asyncIterator]().next(); await environment.stdout(argv.join(' ')); return 7;",
    );
    const [said, code] = await Promise.all([text(child.stdout), exitOf(child)]);
    expect([said, code]).toEqual(['a b', 7]);
  });

  it.each([
    ['as its caller likes where Node has nothing to put right', 'true', 'exit at once 7'],
    ['in Node’s own way where stdin was opened', 'environment.stdin', 'exit '],
  ])('ends %s', async (_, body, expected) => {
    const options =
      "{ exitAtOnce: (code) => process.getBuiltinModule('fs').writeSync(1, 'at once ' + code) }";
    const file = await write(
      `process.on('exit', () => process.getBuiltinModule('fs').writeSync(1, 'exit ')); ${body}; return 7;`,
      options,
    );
    const out = join(file, '../out');
    const stream = openSync(out, 'w');
    const { status } = spawnSync(process.execPath, [...flags, file], { stdio: ['pipe', stream, stream] });
    closeSync(stream);
    expect([status, readFileSync(out, 'utf8')]).toEqual([7, expected]);
  });

  it('gives a slow reader everything', async () => {
    const child = await start(
      "for (let i = 0; i < 100; i++) await environment.stdout('x'.repeat(100_000)); return 0;",
    );
    const exit = exitOf(child);
    await once(child.stdout, 'readable');
    expect((await text(child.stdout)).length).toBe(10_000_000);
    expect(await exit).toBe(0);
  });

  it('ends with 0 when the reader of a command leaves', async () => {
    const child = await start("for (;;) await environment.stdout('x'.repeat(100_000));");
    const exit = exitOf(child);
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    expect(await exit).toBe(0);
  });

  it('goes on as a server when its reader leaves', async () => {
    const child = await start(
      `${waiting} await aborted; await environment.stdout('x'.repeat(1e6)); return 3;`,
      '{ outlivesReaders: true }',
    );
    const exit = exitOf(child);
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    child.kill('SIGTERM');
    expect(await exit).toBe(3);
  });

  it('tells the program of the first signal, and ends with the second', async () => {
    const child = await start(
      `${waiting} await aborted; await environment.stdout('heard\\n'); await new Promise(() => {});`,
      '{ failureCode: 125 }',
    );
    const exit = exitOf(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    child.kill('SIGINT');
    expect((await lines.next()).value).toBe('heard');
    child.kill('SIGTERM');
    expect(await exit).toBe(125);
  });

  it('leaves signals to a program that takes them over', async () => {
    const child = await start(`
      const { promise: all, resolve } = Promise.withResolvers();
      let heard = 0;
      environment.onSignal(async (name) => {
        await environment.stdout(name + environment.signal.aborted + '\\n');
        heard += 1;
        if (heard === 3) resolve();
      });
      ${waiting}
      await all;
      return 0;
    `);
    const exit = exitOf(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    for (const name of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) {
      child.kill(name);
      expect((await lines.next()).value).toBe(`${name}false`);
    }
    expect(await exit).toBe(0);
  });
});

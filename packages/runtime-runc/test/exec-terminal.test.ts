// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorld, shell, type TestContainer, text, until, type World } from './world.ts';

let world: World;
let container: TestContainer;
beforeEach(async () => {
  world = await makeWorld();
  container = await world.create('sleep 600');
  await world.runtime.start(container.id);
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

describe('exec with a terminal', () => {
  it('has a size from the beginning, and another when it is resized', async () => {
    const sizes = Promise.withResolvers<{ resize(size: { columns: number; rows: number }): void }>();
    const keys = Promise.withResolvers<Uint8Array>();
    async function* typed() {
      yield await keys.promise;
    }
    let seen = '';
    const ended = world.runtime.exec(container.id, {
      process: {
        ...shell(
          'stty size; trap "stty size; echo told" WINCH; echo ready; while :; do read line && exit 9; done',
        ),
        terminal: true,
      },
      terminalSize: { columns: 101, rows: 31 },
      onTerminal: sizes.resolve,
      stdin: typed(),
      onStdout: (chunk) => {
        seen += text(chunk);
      },
    });
    const terminal = await sizes.promise;
    await until('the first size', async () => (seen.includes('31 101\r\nready') ? true : undefined));
    terminal.resize({ columns: 102, rows: 32 });
    // The shell runs the trap when its read is interrupted, or has a line.
    await until('the new size', async () => (seen.includes('32 102\r\ntold') ? true : undefined));
    keys.resolve(Buffer.from('\n'));
    expect(await ended).toEqual({ exitCode: 9 });
  });

  it('is killed with everything when the caller gives up', async () => {
    const controller = new AbortController();
    const process = { ...shell('echo up; sleep 500'), terminal: true };
    const ended = world.runtime.exec(container.id, {
      process,
      signal: controller.signal,
      onStdout: () => controller.abort(),
    });
    await expect(ended).rejects.toMatchObject({ code: 'canceled' });
    await until('the process to be gone', async () =>
      (await world.runtime.processes(container.id)).length === 1 ? true : undefined,
    );
  });
});

// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openPseudoTerminal } from '@lading/linux';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, self, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
  expect((await world.lading(`pull -q --tls-verify=false ${world.image}`)).code).toBe(0);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** What is seen at a terminal of 33 lines and 77 columns. */
async function seen(...argv: readonly string[]): Promise<{ code: unknown; screen: string }> {
  using terminal = openPseudoTerminal();
  terminal.resize({ rows: 33, columns: 77 });
  const [program = '', ...words] = self;
  const { processFd: fd } = terminal;
  const child = spawn(program, [...words, ...argv], { env: world.env, stdio: [fd, fd, fd] });
  const ended = once(child, 'close');
  terminal.closeProcessEnd();
  const chunks: Uint8Array[] = [];
  for await (const chunk of terminal.output) chunks.push(chunk);
  const [code] = await ended;
  return { code, screen: Buffer.concat(chunks).toString() };
}

const size = ['sh', '-c', 'busybox stty size'];

describe('at a terminal', () => {
  it.each(['run', 'exec'])(
    'the first thing that %s -it does has its size, and its line ends',
    async (how) => {
      if (how === 'exec') await world.lading(`run -d --name up --network none ${world.image} sleep 1000`);
      const place = how === 'exec' ? ['up'] : ['--rm', '--network', 'none', world.image];
      expect(await seen(how, '-it', ...place, ...size)).toEqual({ code: 0, screen: '33 77\r\n' });
    },
  );

  it('so does the first thing that start -ai does', async () => {
    await world.lading(['create', '-it', '--name', 'later', '--network', 'none', world.image, ...size]);
    expect(await seen('start', '-ai', 'later')).toEqual({ code: 0, screen: '33 77\r\n' });
  });

  it('the size is there without -i', async () => {
    const { code, screen } = await seen('run', '--rm', '-t', '--network', 'none', world.image, ...size);
    expect({ code, screen: screen.replaceAll('\r', '') }).toEqual({ code: 0, screen: '33 77\n' });
  });

  it('a program that moves down by a line end stays in its column', async () => {
    const script = "busybox stty raw; printf 'a\\nb'";
    const argv = ['run', '--rm', '-it', '--network', 'none', world.image, 'sh', '-c', script];
    expect(await seen(...argv)).toEqual({ code: 0, screen: 'a\nb' });
  });
});

// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, eventually, self, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorldWithImage();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const [program = '', ...words] = self;

/** The program as a process of its own, with pipes. */
function start(argv: readonly string[]) {
  const child = spawn(program, [...words, ...argv], { env: world.env, stdio: 'pipe' });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('latin1');
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, output: () => out };
}

const create = async (name: string, flags: string, ...command: readonly string[]): Promise<void> => {
  const argv = [
    ...`run -d --network none --name ${name} ${flags}`.trim().split(' '),
    world.image,
    ...command,
  ];
  expect(await world.lading(argv)).toMatchObject({ code: 0, err: '' });
};

describe('lading attach', () => {
  it('shows the output, sends the input and ends with the code of the container', async () => {
    await create('talk', '-i', 'sh', '-c', 'read line; echo got $line; exit 4');
    expect(await world.lading('attach talk', 'words\n')).toEqual({ code: 4, out: 'got words\n', err: '' });
  });

  it('leaves by the detach keys, and the container stays and can be attached again', async () => {
    await create('stay', '-it', 'sh', '-c', 'while read line; do echo got $line; done');
    for (const word of ['one', 'two']) {
      const { child, ended, output } = start(['attach', '--detach-keys', 'ctrl-a,x', 'stay']);
      child.stdin.write(`${word}\n`);
      await eventually(
        async () => output(),
        (text) => text.includes(`got ${word}\r\n`),
      );
      child.stdin.write('\x01x');
      expect(await ended).toBe(0);
      expect((await world.lading(['ps', '--format', '{{.Names}}'])).out).toBe('stay\n');
    }
    await world.lading('rm -f -t 0 stay');
  });

  it('passes the usual detach keys on when they come through a pipe', async () => {
    const argv = ['run', '--rm', '-i', '--network', 'none', world.image, 'cat'];
    expect(await world.lading(argv, 'a\x10\x11b')).toEqual({ code: 0, out: 'a\x10\x11b', err: '' });
  });

  it('proxies signals', async () => {
    const loop = "trap 'echo hup; exit 3' HUP; while :; do echo tick; sleep 0.1; done";
    await create('signals', '', 'sh', '-c', loop);
    const { child, ended, output } = start(['attach', 'signals']);
    await eventually(
      async () => output(),
      (text) => text.includes('tick'),
    );
    child.kill('SIGHUP');
    expect(await ended).toBe(3);
    expect(output()).toMatch(/hup\n$/);
  });

  it('refuses one that does not run, and keys that are none', async () => {
    await world.lading(['create', '--name', 'idle', '--network', 'none', world.image, 'true']);
    expect(await world.lading('attach idle')).toEqual({
      code: 125,
      out: '',
      err: 'Error: you can only attach to running containers\n',
    });
    expect((await world.lading('attach --detach-keys ctrl- idle')).code).toBe(125);
  });
});

describe('lading exec --detach-keys', () => {
  it.each([['-i'], ['-it']])('leaves a process of %s, which goes on with its output', async (flags) => {
    const name = `left${flags}`;
    await create(name, '', 'sleep', '1000');
    const script =
      'echo ready; while [ ! -e /go ]; do echo tick; sleep 0.1; done; seq 1 50000; echo end > /end';
    const { child, ended, output } = start([
      'exec',
      flags,
      '--detach-keys',
      'ctrl-a,x',
      name,
      'sh',
      '-c',
      script,
    ]);
    await eventually(
      async () => output(),
      (text) => text.includes('ready'),
    );
    child.stdin.write('\x01x');
    expect(await ended).toBe(0);
    expect(await world.lading(['exec', name, 'touch', '/go'])).toMatchObject({ code: 0, err: '' });
    await eventually(
      () => world.lading(['exec', name, 'cat', '/end']),
      ({ out }) => out === 'end\n',
    );
    await world.lading(`rm -f -t 0 ${name}`);
  });

  it('refuses keys that are none', async () => {
    expect(await world.lading('exec --detach-keys frob tty true')).toMatchObject({
      code: 125,
      err: expect.stringContaining('invalid detach keys'),
    });
  });
});

describe('lading exec -t', () => {
  it('gives a terminal, joins both streams and ends with the code of the command', async () => {
    await create('tty', '', 'sleep', '1000');
    const script = 'test -t 0 && test -t 1 && test -t 2 && echo all; echo err >&2; exit 6';
    expect(await world.lading(['exec', '-t', 'tty', 'sh', '-c', script])).toEqual({
      code: 6,
      out: 'all\r\nerr\r\n',
      err: '',
    });
  });

  it('takes keys with -i', async () => {
    const { child, ended, output } = start(['exec', '-it', 'tty', 'sh', '-c', 'read line; echo got $line']);
    child.stdin.write('words\n');
    expect(await ended).toBe(0);
    expect(output()).toContain('got words\r\n');
  });

  it('carries much output without a gap', async () => {
    const { out } = await world.lading(['exec', '-t', 'tty', 'seq', '1', '50000']);
    expect(out).toBe(Array.from({ length: 50_000 }, (_, index) => `${index + 1}\r\n`).join(''));
  });

  it('says what cannot be run, as without a terminal', async () => {
    const { code, out, err } = await world.lading(['exec', '-t', 'tty', 'nosuch']);
    expect({ code, out }).toEqual({ code: 127, out: '' });
    expect(err).toContain('nosuch');
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('in the background leaves nothing to look at', async () => {
    expect(await world.lading(['exec', '-dt', 'tty', 'touch', '/tmp/done'])).toMatchObject({
      code: 0,
      err: '',
    });
    await eventually(
      async () => (await world.lading(['exec', 'tty', 'ls', '/tmp'])).out,
      (text) => text === 'done\n',
    );
    await world.lading('rm -f -t 0 tty');
  });
});

describe('stdin through a pipe', () => {
  it('arrives byte for byte, binary and large', async () => {
    const { child, ended } = start(['run', '--rm', '-i', '--network', 'none', world.image, 'cat']);
    const sent = createHash('sha256');
    const got = createHash('sha256');
    let received = 0;
    child.stdout.removeAllListeners('data');
    child.stdout.on('data', (chunk: Buffer) => {
      got.update(chunk);
      received += chunk.length;
    });
    const block = randomBytes(1 << 20);
    for (let index = 0; index < 64; index++) {
      block.writeUInt32LE(index, 0);
      const copy = Buffer.from(block);
      sent.update(copy);
      if (!child.stdin.write(copy)) await new Promise((resolve) => child.stdin.once('drain', resolve));
    }
    child.stdin.end();
    expect(await ended).toBe(0);
    expect(received).toBe(64 << 20);
    expect(got.digest('hex')).toBe(sent.digest('hex'));
  });

  it('may be left unread by the program', async () => {
    const { child, ended } = start(['run', '--rm', '-i', '--network', 'none', world.image, 'true']);
    child.stdin.on('error', () => {}); // the pipe breaks when the container has ended
    child.stdin.write(Buffer.alloc(4 << 20));
    expect(await ended).toBe(0);
  });
});

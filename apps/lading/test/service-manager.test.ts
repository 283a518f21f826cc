// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { sendDatagram } from '@lading/linux';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, self, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorldWithImage();
});
afterAll(() => world[Symbol.asyncDispose]());

let manager: ChildProcess | undefined;
afterEach(async () => {
  manager?.kill('SIGKILL');
  await world.lading('rm -f -t 0 --all');
});

const socket = (): string => join(world.dir, 'manager');

/** What a service manager hears, a message at a time. */
async function listen(): Promise<() => Promise<string>> {
  const script = `
import os, socket, sys
if os.path.exists(sys.argv[1]): os.unlink(sys.argv[1])
one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
one.bind(sys.argv[1])
print(flush=True)
while True: print(one.recv(1000).decode().replace('\\n', ' '), flush=True)
`;
  const child = spawn('python3', ['-c', script, socket()], { stdio: ['ignore', 'pipe', 'inherit'] });
  manager = child;
  const lines = createInterface(child.stdout);
  const heard = lines[Symbol.asyncIterator]();
  await heard.next();
  return async () => String((await heard.next()).value);
}

/** As a service would start it. */
async function run(...flags: readonly string[]): Promise<void> {
  const [file = '', ...args] = self;
  const words = ['run', '-d', '--name', 'one', '--network', 'none', ...flags, world.image, 'sleep', '1000'];
  await promisify(execFile)(file, [...args, ...words], { env: { ...world.env, NOTIFY_SOCKET: socket() } });
}

async function inspected(format: string): Promise<string> {
  return (await world.lading(['inspect', '--format', format, 'one'])).out.trim();
}

describe('lading run --sdnotify', () => {
  it('has the container say that it is ready, and nothing else', async () => {
    const heard = await listen();
    await run();
    expect(await heard()).toBe(`MAINPID=${await inspected('{{.State.ConmonPid}}')}`);
    expect((await world.lading('exec one env')).out).toContain('NOTIFY_SOCKET=/run/notify/notify.sock\n');
    const inside = `/proc/${await inspected('{{.State.Pid}}')}/root/run/notify/notify.sock`;
    sendDatagram(inside, Buffer.from('MAINPID=1\nREADY=1'));
    expect(await heard()).toBe('READY=1');
  });

  it('tells of the monitor when it is started', async () => {
    const heard = await listen();
    await run('--sdnotify', 'conmon');
    expect(await heard()).toBe(`MAINPID=${await inspected('{{.State.ConmonPid}}')} READY=1`);
    expect((await world.lading('exec one env')).out).not.toContain('NOTIFY_SOCKET');
  });

  it('says nothing when it is to be ignored', async () => {
    const heard = await listen();
    await run('--sdnotify=ignore');
    sendDatagram(socket(), Buffer.from('from the test'));
    expect(await heard()).toBe('from the test');
    expect((await world.lading('exec one env')).out).not.toContain('NOTIFY_SOCKET');
  });

  it('ends what it has started when nobody listens', async () => {
    await listen();
    const gone = manager && once(manager, 'exit');
    manager?.kill('SIGKILL');
    await gone;
    await expect(run('--rm', '--sdnotify', 'conmon')).rejects.toThrow(/ECONNREFUSED/);
    expect(await world.lading('ps -aq')).toMatchObject({ out: '' });
  });
});

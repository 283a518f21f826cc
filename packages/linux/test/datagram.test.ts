// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sendDatagram } from '../src/index.ts';

let folder = '';
let receiver: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-datagram-'));
});
afterEach(() => {
  receiver?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A socket of another program, which prints the first message that comes and ends. */
async function receive(name: string): Promise<() => Promise<string>> {
  const script = `
import os, socket, sys
name = sys.argv[1]
if name[0] != '@': os.chdir(os.path.dirname(name))
one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
one.bind('\\0' + name[1:] if name[0] == '@' else os.path.basename(name))
print(flush=True)
print(one.recv(100).decode(), end='')
`;
  const child = spawn('python3', ['-c', script, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  receiver = child;
  await once(child.stdout, 'readable');
  const all = text(child.stdout);
  return async () => (await all).slice(1);
}

it.each([
  ['a path', () => join(folder, 'socket')],
  ['a path that is longer than an address', () => join(folder, 'long'.repeat(50), 'socket')],
  ['an abstract name', () => `@lading-${process.pid}`],
])('sends one message to %s', async (_what, place) => {
  const path = place();
  if (path.includes('longlong')) mkdirSync(join(path, '..'));
  const received = await receive(path);
  sendDatagram(path, Buffer.from('READY=1\nSTATUS=grün'));
  expect(await received()).toBe('READY=1\nSTATUS=grün');
});

it('says when nobody is there', () => {
  const path = join(folder, 'none');
  expect(() => sendDatagram(path, Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'not_found' }));
  writeFileSync(path, '');
  expect(() => sendDatagram(path, Buffer.from('x'))).toThrow(
    expect.objectContaining({ reason: 'ECONNREFUSED' }),
  );
  expect(() => sendDatagram(`@lading-none-${process.pid}`, Buffer.from('x'))).toThrow(
    expect.objectContaining({ reason: 'ECONNREFUSED' }),
  );
});

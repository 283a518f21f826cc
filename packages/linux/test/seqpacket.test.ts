// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectSeqpacket } from '../src/index.ts';

// Node cannot listen on a socket of this kind. python3 is in every Debian (package python3-minimal).
const listening = `
import socket, sys, os
os.chdir(sys.argv[1])
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("attach"); s.listen(10); print("ready", flush=True)
c, _ = s.accept()
`;

let folder = '';
let server: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-seqpacket-'));
});
afterEach(() => {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function serve(script: string, place: string = folder): Promise<string> {
  server = spawn('python3', ['-c', listening + script, place], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout) await once(server.stdout, 'data');
  return join(place, 'attach');
}

async function texts(packets: AsyncIterable<Uint8Array>): Promise<string[]> {
  const found: string[] = [];
  for await (const packet of packets) found.push(Buffer.from(packet).toString());
  return found;
}

describe('connectSeqpacket', () => {
  it('keeps the borders of messages both ways, and sees the other side close', async () => {
    const path = await serve('c.send(b"one"); c.send(b"two")\nwhile (d := c.recv(99)): c.send(b"<"+d+b">")');
    using connection = await connectSeqpacket(path);
    await Promise.all([connection.send(Buffer.from('a')), connection.send(Buffer.from('b'))]);
    connection.shutdownWrite();
    expect(await texts(connection.packets)).toEqual(['one', 'two', '<a>', '<b>']);
  });

  it('gives what the other side has sent before it went without reading all', async () => {
    const path = await serve('import select; c.send(b"one"); c.send(b"last"); select.select([c], [], [])');
    using connection = await connectSeqpacket(path);
    await connection.send(Buffer.from('unread'));
    await once(server ?? process, 'exit');
    expect(await texts(connection.packets)).toEqual(['one', 'last']);
  });

  it('reaches a socket whose path is longer than an address can be', async () => {
    const place = join(folder, 'x'.repeat(120));
    mkdirSync(place);
    using connection = await connectSeqpacket(await serve('c.send(b"far")', place));
    expect(await texts(connection.packets)).toEqual(['far']);
  });

  it('waits for a slow reader without losing or mixing messages', async () => {
    const path = await serve(`
import time
n = 0
time.sleep(0.05)
while (d := c.recv(99999)): assert d == bytes([n % 256]) * 30000; n += 1
c.send(str(n).encode())`);
    using connection = await connectSeqpacket(path);
    const sends = Array.from({ length: 300 }, (_, i) => connection.send(Buffer.alloc(30_000, i)));
    await Promise.all(sends);
    connection.shutdownWrite();
    expect(await texts(connection.packets)).toEqual(['300']);
  });

  it('ends a reader and a writer that wait when it is closed', async () => {
    const path = await serve('import time; time.sleep(60)');
    const connection = await connectSeqpacket(path);
    const reading = texts(connection.packets);
    const writing = Promise.allSettled(
      Array.from({ length: 50 }, () => connection.send(Buffer.alloc(30_000))),
    );
    setImmediate(connection.close);
    expect(await reading).toEqual([]);
    expect((await writing).at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'canceled' } });
    connection.close();
    await expect(connection.send(Buffer.from('x'))).rejects.toMatchObject({ code: 'canceled' });
  });

  it('fails a send to a side that is gone', async () => {
    const path = await serve('c.close(); print("closed", flush=True); s.accept()');
    using connection = await connectSeqpacket(path);
    expect(await texts(connection.packets)).toEqual([]);
    await expect(connection.send(Buffer.from('x'))).rejects.toMatchObject({ reason: 'EPIPE' });
  });

  it('says what is missing', async () => {
    await expect(connectSeqpacket(join(folder, 'attach'))).rejects.toMatchObject({ code: 'not_found' });
    const path = await serve('');
    server?.kill('SIGKILL');
    await once(server ?? process, 'exit');
    await expect(connectSeqpacket(path)).rejects.toMatchObject({ reason: 'ECONNREFUSED' });
  });
});

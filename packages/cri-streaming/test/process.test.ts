// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProcessStreams, type StreamingServer, startStreamingServer } from '../src/index.ts';
import { connectSpdy } from './spdy-client.ts';
import { connectWebSocket } from './websocket-client.ts';

let server: StreamingServer;
beforeAll(async () => {
  server = await startStreamingServer();
});
afterAll(() => server.close());

/** Says its input again in capitals, then ends with 3. */
async function shout({ stdin, stdout, stderr }: ProcessStreams): Promise<{ exitCode: number }> {
  for await (const chunk of stdin ?? [])
    await stdout?.(Buffer.from(Buffer.from(chunk).toString().toUpperCase()));
  await stderr?.(Buffer.from('done'));
  return { exitCode: 3 };
}

const exit3 = {
  status: 'Failure',
  message: 'command terminated with non-zero exit code: exit status 3',
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: '3' }] },
};
const all = { stdin: true, stdout: true, stderr: true };

describe('over WebSocket', () => {
  it('a client of v5 closes stdin and gets the exit code', async () => {
    const client = await connectWebSocket(server.exec({ ...all, run: shout }), [
      'unknown',
      'v5.channel.k8s.io',
      'v4.channel.k8s.io',
    ]);
    expect(client.protocol).toBe('v5.channel.k8s.io');
    client.send(0, 'hello');
    await client.until(() => client.text(1) === 'HELLO');
    client.socket.send(Buffer.from([255, 0]));
    expect(await client.closed).toBe(1000);
    expect(client.text(2)).toBe('done');
    expect(JSON.parse(client.text(3))).toEqual(exit3);
  });

  it.each(['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io'])(
    'a client of %s sends input and gets output',
    async (protocol) => {
      const run = async ({ stdin, stdout }: ProcessStreams) => {
        for await (const chunk of stdin ?? []) {
          await stdout?.(chunk);
          break;
        }
        return { exitCode: 0 };
      };
      const client = await connectWebSocket(server.exec({ ...all, run }), [protocol]);
      expect(client.protocol).toBe(protocol);
      const bytes = Buffer.from([0, 255, 254, 10]);
      client.send(0, bytes);
      expect(await client.closed).toBe(1000);
      expect(client.bytes(1)).toEqual(bytes);
      expect(client.text(3)).toBe(protocol.startsWith('v4') ? '{"status":"Success"}' : '');
    },
  );

  it('before v4, two bytes that begin with 255 close nothing, and a failure comes in words', async () => {
    const client = await connectWebSocket(server.exec({ ...all, run: async () => ({ exitCode: 3 }) }), []);
    client.socket.send(Buffer.from([255, 0]));
    await client.closed;
    expect(client.text(3)).toBe(exit3.message);
  });

  it('sizes of the terminal arrive in order', async () => {
    const run = async ({ resizes, stdout }: ProcessStreams) => {
      for await (const { columns, rows } of resizes ?? []) {
        await stdout?.(Buffer.from(`${columns}x${rows} `));
        if (columns === 100) break;
      }
      return { exitCode: 0 };
    };
    const url = server.exec({ stdin: true, stdout: true, tty: true, run });
    const client = await connectWebSocket(url, ['v4.channel.k8s.io']);
    client.send(4, '{"Width":80,"Height":24}\n{"Wid');
    client.send(4, 'th":0,"Height":0}nonsense}{"Width":100,"Height":30}');
    await client.closed;
    expect(client.text(1)).toBe('80x24 100x30 ');
  });

  it('the signal aborts and stdin ends when the client goes', async () => {
    const ended = Promise.withResolvers<boolean>();
    const run = async ({ stdin, stdout, signal }: ProcessStreams) => {
      await stdout?.(Buffer.from('ready'));
      for await (const _ of stdin ?? []);
      ended.resolve(signal.aborted);
      return { exitCode: 0 };
    };
    const client = await connectWebSocket(server.exec({ ...all, run }), ['v4.channel.k8s.io']);
    await client.until(() => client.text(1) === 'ready');
    client.socket.terminate();
    expect(await ended.promise).toBe(true);
  });

  it('a client that sends without end is held back while nothing is read, and all of it arrives', async () => {
    const go = Promise.withResolvers<void>();
    const run = async ({ stdin }: ProcessStreams) => {
      await go.promise;
      let exitCode = 0;
      for await (const chunk of stdin ?? []) exitCode += chunk.length / 1024;
      return { exitCode };
    };
    const client = await connectWebSocket(server.exec({ ...all, run }), ['v5.channel.k8s.io']);
    for (let i = 0; i < 20; i++) client.send(0, Buffer.alloc(1 << 20));
    client.socket.send(Buffer.from([255, 0]));
    go.resolve();
    await client.closed;
    expect(JSON.parse(client.text(3)).message).toContain(`exit status ${20 * 1024}`);
  });
});

describe('over SPDY', () => {
  it('a client of v4 opens its streams, closes stdin and gets the exit code', async () => {
    const client = await connectSpdy(server.exec({ ...all, run: shout }), [
      'v5.channel.k8s.io',
      'v4.channel.k8s.io',
    ]);
    expect(client.protocol).toBe('v4.channel.k8s.io');
    const error = client.open({ streamtype: 'error' });
    const stdin = client.open({ streamtype: 'stdin' });
    const stdout = client.open({ streamtype: 'stdout' });
    const stderr = client.open({ streamtype: 'stderr' });
    client.send(stdin, 'hello');
    await client.until(() => client.text(stdout) === 'HELLO');
    client.send(stdin, '', true);
    await client.until(() => client.events.includes('goaway'));
    expect(client.text(stderr)).toBe('done');
    expect(JSON.parse(client.text(error))).toEqual(exit3);
    expect(client.events).toEqual([
      'reply 1',
      'reply 3',
      'reply 5',
      'reply 7',
      'fin 5',
      'fin 7',
      'reset 1 5',
      'reset 3 5',
      'reset 5 5',
      'reset 7 5',
      'goaway',
    ]);
    await client.closed;
  });

  it.each([
    ['v3.channel.k8s.io', exit3.message],
    ['v2.channel.k8s.io', exit3.message],
    ['channel.k8s.io', exit3.message],
  ])('a client of %s gets a failure in words', async (protocol, words) => {
    const client = await connectSpdy(server.exec({ stdout: true, run: async () => ({ exitCode: 3 }) }), [
      protocol,
    ]);
    const error = client.open({ streamtype: 'error' });
    client.open({ streamtype: 'stdout' });
    await client.until(() => client.events.includes('goaway'));
    expect(client.text(error)).toBe(words);
    await client.closed;
  });

  it('what the runtime throws is told on the error stream', async () => {
    const run = () => Promise.reject(new Error('no such command'));
    const client = await connectSpdy(server.exec({ stdout: true, run }), ['v4.channel.k8s.io']);
    const error = client.open({ streamtype: 'error' });
    client.open({ streamtype: 'stdout' });
    await client.until(() => client.events.includes('goaway'));
    expect(JSON.parse(client.text(error))).toMatchObject({
      status: 'Failure',
      reason: 'InternalError',
      message: expect.stringContaining('no such command'),
    });
    await client.closed;
  });

  it('odd pings are answered, and even ones are not', async () => {
    const client = await connectSpdy(server.exec({ stdout: true, run: async () => ({ exitCode: 0 }) }), [
      'v4.channel.k8s.io',
    ]);
    client.raw(Buffer.from([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 2]));
    client.raw(Buffer.from([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 7]));
    await client.until(() => client.events.length > 0);
    expect(client.events).toEqual(['ping 7']);
    client.destroy();
  });

  it.each([
    ['a control frame of a type that is not known', Buffer.from([0x80, 3, 0, 5, 0, 0, 0, 0])],
    ['a control frame of 16 MiB', Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])],
    ['a SYN_STREAM without a body', Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 0])],
    [
      'headers that are no zlib',
      Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 14, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
    ],
    ['a RST_STREAM of 4 bytes', Buffer.from([0x80, 3, 0, 3, 0, 0, 0, 4, 0, 0, 0, 1])],
  ])('the connection is closed after %s', async (_what, bytes) => {
    const client = await connectSpdy(server.exec({ stdout: true, run: async () => ({ exitCode: 0 }) }), [
      'v4.channel.k8s.io',
    ]);
    client.raw(bytes);
    await client.closed;
    expect(client.events).toEqual([]);
  });

  it('an id that is not above the last is reset, and a second stream of a name too', async () => {
    const run = async ({ signal }: ProcessStreams) =>
      new Promise<{ exitCode: number }>((resolve) =>
        signal.addEventListener('abort', () => resolve({ exitCode: 0 })),
      );
    const client = await connectSpdy(server.exec({ stdin: true, stdout: true, run }), ['v4.channel.k8s.io']);
    client.open({ streamtype: 'error' }, 5);
    client.open({ streamtype: 'stdin' }, 3);
    client.open({ streamtype: 'error' }, 7);
    await client.until(() => client.events.includes('reset 7 1'));
    expect(client.events).toEqual(['reply 5', 'reset 3 1', 'reply 7', 'reset 7 1']);
    client.destroy();
  });
});

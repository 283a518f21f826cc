// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProcessStreams, type StreamingServer, startStreamingServer } from '../src/index.ts';
import { overSpdy, overWebSocket } from './exec-member.ts';
import { speakSpdy } from './spdy-client.ts';

let server: StreamingServer;
beforeEach(async () => {
  server = await startStreamingServer();
});
afterEach(() => server.close());

const all = { stdin: true, stdout: true, stderr: true };

async function echo({ stdin, stdout }: ProcessStreams): Promise<{ exitCode: number }> {
  for await (const chunk of stdin ?? []) await stdout?.(chunk);
  return { exitCode: 3 };
}

describe('a crowd', () => {
  it('of 500 execs at once is served, over both transports, and so is one more', async () => {
    const before = process.memoryUsage().heapUsed;
    const members = await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        (i % 2 === 0 ? overWebSocket : overSpdy)(server.exec({ ...all, run: echo })),
      ),
    );
    const rounds = ['x'.repeat(20_000), 'y'.repeat(20_000)];
    for (const word of rounds) await Promise.all(members.map(({ say }) => say(word)));
    // Both ends of them are in this process, and what was said stands with the clients.
    const perSession = (process.memoryUsage().heapUsed - before) / members.length;
    expect(perSession).toBeLessThan(1 << 20);
    const another = await overWebSocket(server.exec({ ...all, run: echo }));
    await another.say('hello');
    const ends = await Promise.all([...members, another].map(({ leave }) => leave()));
    expect(new Set(ends.map((text) => JSON.parse(text).details.causes[0].message))).toEqual(new Set(['3']));
  });

  it('of 1,000 URLs that nobody uses is as many as there may be', async () => {
    const urls = Array.from({ length: 1000 }, () => server.exec({ ...all, run: echo }));
    for (const ask of [
      () => server.exec({ ...all, run: echo }),
      () => server.portForward({ dial: async () => connect(1) }),
    ])
      expect(ask).toThrow(
        expect.objectContaining({
          code: 'resource_exhausted',
          message: '1000 streaming URLs wait for their clients; try again in a minute',
        }),
      );
    const member = await overSpdy(urls[0] ?? '');
    // One is in use: there is room for another.
    await (await overWebSocket(server.exec({ ...all, run: echo }))).leave();
    await member.leave();
  });
});

describe('a client that does not read', () => {
  it.each(['websocket', 'spdy'] as const)('over %s holds its process back, and no other', async (kind) => {
    const chunk = new Uint8Array(64 << 10);
    const most = 32 << 20; // what the sockets of both ends may hold, and more
    let taken = 0;
    const stuck = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const pour = async ({ stdout, signal }: ProcessStreams) => {
      signal.addEventListener('abort', () => gone.resolve());
      for (;;) {
        // A sink that is not done in some turns of the loop will not be before somebody reads.
        const timer = setTimeout(() => stuck.resolve(), 1000);
        await Promise.race([stdout?.(chunk), gone.promise]);
        clearTimeout(timer);
        await setImmediate(); // as output that comes from a process does
        if (signal.aborted) return { exitCode: 0 };
        taken += chunk.length;
        if (taken > most) stuck.resolve();
      }
    };
    const url = new URL(server.exec({ stdout: true, run: pour }));
    const socket = connect(Number(url.port), url.hostname);
    const words = {
      websocket: [
        'GET',
        'websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ],
      spdy: ['POST', 'SPDY/3.1', 'X-Stream-Protocol-Version: v4.channel.k8s.io'],
    };
    const [method, upgrade, ...headers] = words[kind];
    const lines = [
      `${method} ${url.pathname} HTTP/1.1`,
      'Host: x',
      'Connection: Upgrade',
      `Upgrade: ${upgrade}`,
    ];
    socket.write([...lines, ...headers, '', ''].join('\r\n'));
    await once(socket, 'data');
    if (kind === 'spdy') {
      const client = speakSpdy(socket, Buffer.alloc(0), '');
      for (const streamtype of ['error', 'stdout']) client.open({ streamtype });
    }
    socket.pause();
    await stuck.promise;
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(most);
    const member = await overWebSocket(server.exec({ ...all, run: echo }));
    await member.say('hello');
    await member.leave();
    socket.destroy();
    await gone.promise;
  });
});

// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { expect, it } from 'vitest';
import { startStreams } from './streams.ts';

it('takes an address, a port and a time as CRI-O writes them', async () => {
  for (const streamIdleTimeout of ['', '0', '4h', '1h30m', '1.5s']) {
    await using server = await startStreams({
      streamAddress: '127.0.0.1',
      streamPort: '0',
      ...(streamIdleTimeout && { streamIdleTimeout }),
    });
    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  }
});

it.each([
  [{ streamPort: '65536' }, 'stream_port "65536" is no port'],
  [{ streamPort: 'http' }, 'stream_port "http" is no port'],
  [{ streamIdleTimeout: '4 hours' }, 'stream_idle_timeout "4 hours" is no duration'],
  [{ streamIdleTimeout: '-1h' }, 'stream_idle_timeout "-1h" is no duration'],
  [{ streamTls: true }, 'stream_enable_tls needs the files'],
])('refuses %j', async (settings, message) => {
  await expect(startStreams(settings)).rejects.toMatchObject({
    code: Code.InvalidArgument,
    message: expect.stringContaining(message),
  });
});

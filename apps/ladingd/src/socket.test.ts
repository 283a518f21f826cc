// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { expect, it } from 'vitest';
import { listenOn, socketPath } from './socket.ts';

it.each(['/run/x.sock', 'unix:///run/x.sock', 'unix:/run/x.sock'])('takes %s', (listen) => {
  expect(socketPath(listen)).toBe('/run/x.sock');
});

it.each(['', 'x.sock', 'unix://x.sock', 'tcp://127.0.0.1:1', '/run/', `/${'x'.repeat(107)}`])(
  'refuses "%s"',
  (listen) => {
    expect(() => socketPath(listen)).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  },
);

it('refuses at once to make the folder of a socket where no folder can be', async () => {
  await expect(listenOn('/proc/no/lading.sock', () => undefined)).rejects.toMatchObject({
    code: Code.FailedPrecondition,
    message: expect.stringContaining('/proc/no'),
  });
});

// SPDX-License-Identifier: Apache-2.0
import { request } from 'node:http';
import type { CommandCall } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { defaultListen } from '../config/settings.ts';
import { socketPath } from '../socket.ts';

const waitMs = 10_000;

/** Prints what a daemon that runs says of itself, of its configuration, or of a container. */
export async function run({ args, flags, environment }: CommandCall): Promise<number> {
  const [what = 'info', id] = args;
  const isContainer = what === 'container';
  if (!(what === 'info' || what === 'config' || (isContainer && id !== undefined))) {
    throw new LadingError(Code.InvalidArgument, 'status takes info, config, or container and an id');
  }
  const socket = socketPath(flags.string('socket') ?? defaultListen);
  const path = isContainer ? `/containers/${encodeURIComponent(id ?? '')}` : `/${what}`;
  const text = await get(socket, path, environment.signal);
  await environment.stdout(text.endsWith('\n') ? text : `${text}\n`);
  return 0;
}

function get(socket: string, path: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const { message } = LadingError.from(error);
      reject(
        new LadingError(Code.Unavailable, `cannot ask the daemon at ${socket}: ${message}; is it running?`, {
          cause: error,
        }),
      );
    };
    const asked = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
    const call = request({ socketPath: socket, path, signal: asked }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', fail);
      response.once('end', () => {
        if (response.statusCode === 200) resolve(text);
        else
          reject(
            new LadingError(Code.NotFound, `the daemon answered ${response.statusCode}: ${text.trim()}`),
          );
      });
    });
    call.once('error', fail);
    call.end();
  });
}

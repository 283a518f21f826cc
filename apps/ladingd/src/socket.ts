// SPDX-License-Identifier: Apache-2.0
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Server } from '@grpc/grpc-js';
import { ServerCredentials } from '@grpc/grpc-js';
import { Code, hasCode, LadingError } from '@lading/errors';

/** A socket's path, which may be written as `unix:///path`. @throws LadingError `invalid_argument` for anything else */
export function socketPath(listen: string): string {
  const path = listen.replace(/^unix:(\/\/)?/, '');
  if (path.startsWith('/')) return path;
  throw new LadingError(
    Code.InvalidArgument,
    `listen must be the absolute path of a unix socket, not "${listen}"`,
  );
}

/**
 * Serves on a unix socket with mode 0660. A socket that a dead daemon left is replaced.
 *
 * @throws LadingError `already_exists` when somebody listens there, or it is not a socket
 */
export async function listenOn(server: Server, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await removeDeadSocket(path);
  const umask = process.umask(0o117);
  try {
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix://${path}`, ServerCredentials.createInsecure(), (error) => {
        if (error)
          reject(
            new LadingError(Code.Unavailable, `cannot listen on ${path}: ${error.message}`, { cause: error }),
          );
        else resolve();
      });
    });
  } finally {
    process.umask(umask);
  }
  await chmod(path, 0o660);
}

async function removeDeadSocket(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (hasCode(LadingError.from(error), Code.NotFound)) return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new LadingError(
      Code.AlreadyExists,
      `cannot listen on ${path}: a file that is not a socket is there`,
    );
  if (await answers(path))
    throw new LadingError(Code.AlreadyExists, `cannot listen on ${path}: another process listens there`);
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

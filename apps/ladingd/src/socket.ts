// SPDX-License-Identifier: Apache-2.0

import { chmod, lstat, mkdtemp, rename, rm, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { makeFolders } from '@lading/linux';

/** What the kernel's address of a unix socket holds, without the zero at its end. */
const longestPathBytes = 107;

/** Start of the name of the folder beside the socket in which it is made. */
const privateName = '.l';

/** A socket's path, which may be written as `unix:///path`. @throws LadingError `invalid_argument` for anything else */
export function socketPath(listen: string): string {
  const path = listen.replace(/^unix:(\/\/)?/, '');
  if (!path.startsWith('/') || path.endsWith('/')) {
    throw new LadingError(
      Code.InvalidArgument,
      `listen must be the absolute path of a unix socket, not "${listen}"`,
    );
  }
  const made = join(dirname(path), `${privateName}XXXXXX`, 's');
  if (Math.max(Buffer.byteLength(path), Buffer.byteLength(made)) > longestPathBytes) {
    throw new LadingError(
      Code.InvalidArgument,
      `the socket path ${path} is too long: Linux takes ${longestPathBytes} bytes`,
    );
  }
  return path;
}

/** A socket that is listened on. */
export interface Listener {
  /**
   * Takes no more connections, and the socket away, unless another daemon has put its own there. Resolves when the
   * last connection has ended.
   */
  close(): Promise<void>;
}

/**
 * Serves on a unix socket with mode 0660. A socket that a dead daemon left is replaced.
 *
 * @throws LadingError `already_exists` when somebody listens there, or it is not a socket
 */
export async function listenOn(path: string, take: (socket: Socket) => void): Promise<Listener> {
  const folder = dirname(path);
  makeFolders(folder, 0o777);
  await refuseTaken(path);
  // Bound where nobody else can enter, and shown when its mode is right: the umask is the whole process's.
  const privateFolder = await mkdtemp(join(folder, privateName));
  try {
    const made = join(privateFolder, 's');
    const server = await bind(made, path, take);
    await chmod(made, 0o660);
    const { ino, dev } = await lstat(made);
    await rename(made, path);
    return {
      async close() {
        const ended = new Promise<void>((resolve) => server.close(() => resolve()));
        const found = await statOf(path);
        if (found?.ino === ino && found.dev === dev) await unlink(path);
        await ended;
      },
    };
  } finally {
    await rm(privateFolder, { recursive: true, force: true });
  }
}

function bind(made: string, path: string, take: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    // A client may close its side after the request.
    const server = createServer({ allowHalfOpen: true }, take);
    server.once('error', (error) =>
      reject(
        new LadingError(Code.Unavailable, `cannot listen on ${path}: ${error.message}`, { cause: error }),
      ),
    );
    server.listen(made, () => resolve(server));
  });
}

/** @throws LadingError `already_exists` when somebody listens there, or it is not a socket */
export async function refuseTaken(path: string): Promise<void> {
  const found = await statOf(path);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new LadingError(
      Code.AlreadyExists,
      `cannot listen on ${path}: a file that is not a socket is there`,
    );
  }
  if (await answers(path)) {
    throw new LadingError(
      Code.AlreadyExists,
      `cannot listen on ${path}: another process listens there; end it, or name another socket`,
    );
  }
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof lstat>> | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      const { reason } = LadingError.from(error);
      // Nobody listens, or it is gone. Any other failure, such as a full queue, is a sign of life.
      resolve(reason !== 'ECONNREFUSED' && reason !== 'ENOENT');
    });
  });
}

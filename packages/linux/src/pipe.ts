// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { openDescriptorStream } from './descriptor-stream.ts';
import { call, callRaw, systemError, watch } from './libc.ts';

/** Two descriptors that no program inherits. */
export interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

const closeOnExec = 0o2000000; // O_CLOEXEC
const nonBlocking = 0o4000; // O_NONBLOCK
const setFlags = 4; // F_SETFL
const again = 11; // EAGAIN
const interrupted = 4; // EINTR
const chunkBytes = 64 << 10;

/**
 * A pipe for a program: one end is given to it, the other is read or written here.
 *
 * @example
 * ```ts
 * import { closeSync } from 'node:fs';
 * import { makePipe, readPipe, spawnProgram } from '@lading/linux';
 *
 * const { readEnd, writeEnd } = makePipe();
 * spawnProgram('/bin/sh', { args: ['-c', 'echo hello'], env: {}, fds: [null, writeEnd, null] });
 * closeSync(writeEnd);
 * for await (const chunk of readPipe(readEnd)) console.log(Buffer.from(chunk).toString().trim()); // → hello
 * ```
 */
export function makePipe(): Pipe {
  const fds = Buffer.alloc(8);
  call('for a program', 'pipe2', fds, closeOnExec);
  return { readEnd: fds.readInt32LE(0), writeEnd: fds.readInt32LE(4) };
}

/**
 * What comes until the other end is closed. With the signal it ends too, after what has come already. For one reader, who
 * closes the descriptor by ending.
 */
export async function* readPipe(
  fd: number,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  call('of a pipe', 'fcntlNumber', fd, setFlags, nonBlocking);
  const watcher = watch(fd);
  try {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    for (let isLast = false; !isLast; ) {
      isLast = signal?.aborted === true;
      const size = callRaw('read', fd, buffer, buffer.length);
      if (size > 0) yield Uint8Array.prototype.slice.call(buffer, 0, size);
      else if (size === 0) return;
      else if (size === -again && !isLast) await readable(watcher, signal);
      else if (size !== -again && size !== -interrupted) throw systemError('read from a program', -size);
    }
  } finally {
    watcher.close();
    closeSync(fd);
  }
}

/** Writes all and closes the descriptor. Who reads may have ended without: its exit code tells then. */
export async function writePipe(fd: number, bytes: Uint8Array): Promise<void> {
  using stream = openDescriptorStream(fd);
  await stream.write(bytes);
}

function readable(watcher: ReturnType<typeof watch>, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      signal?.removeEventListener('abort', go);
      watcher.stop();
      resolve();
    };
    signal?.addEventListener('abort', go);
    watcher.start({ readable: true }, go);
  });
}

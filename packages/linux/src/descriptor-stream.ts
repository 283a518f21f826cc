// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { call, callRaw, systemError, watch } from './libc.ts';

/** A descriptor that is read and written in Node's event loop. Disposing of it closes it, whoever still waits. */
export interface DescriptorStream extends Disposable {
  /**
   * For a program that goes on with it: whoever waits here is let go, and the descriptor is one that blocks again. It is still
   * to be disposed of.
   */
  release(): number;
  /** What comes, for one reader; ends when nobody has the other end any more. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Waits while the other end is not read; false when nobody has it any more. One write at a time. */
  write(bytes: Uint8Array): Promise<boolean>;
}

const setFlags = 4; // F_SETFL
const nonBlocking = 0o4000; // O_NONBLOCK
const errno = { interrupted: 4, io: 5, again: 11, brokenPipe: 32 } as const;
const chunkBytes = 64 << 10;
/** Who writes without end must not keep the event loop from all else. */
const mostAtOnce = 16;

/**
 * Takes over a descriptor of a pipe or a terminal.
 *
 * @example
 * ```ts
 * import { closeSync } from 'node:fs';
 * import { makePipe, openDescriptorStream, spawnProgram } from '@lading/linux';
 *
 * const [input, output] = [makePipe(), makePipe()];
 * spawnProgram('/bin/sh', { args: ['-c', 'tr a-z A-Z'], env: process.env, fds: [input.readEnd, output.writeEnd, null] });
 * for (const fd of [input.readEnd, output.writeEnd]) closeSync(fd);
 * {
 *   using words = openDescriptorStream(input.writeEnd);
 *   await words.write(Buffer.from('hello'));
 * }
 * using said = openDescriptorStream(output.readEnd);
 * for await (const chunk of said.output) console.log(Buffer.from(chunk).toString()); // → HELLO
 * ```
 */
export function openDescriptorStream(fd: number): DescriptorStream {
  call('of a stream', 'fcntlNumber', fd, setFlags, nonBlocking);
  const watcher = watch(fd);
  let isOpen = true;
  let isOurs = true;
  let wakeReader: (() => void) | undefined;
  let wakeWriter: (() => void) | undefined;

  /** Watches for what somebody waits for, and no more: what is ready and not taken would keep the loop busy. */
  function rewatch(): void {
    watcher.stop();
    if (wakeReader === undefined && wakeWriter === undefined) return;
    watcher.start({ readable: wakeReader !== undefined, writable: wakeWriter !== undefined }, () => {
      watcher.stop();
      wakeBoth();
    });
  }

  function wakeBoth(): void {
    const [reader, writer] = [wakeReader, wakeWriter];
    wakeReader = undefined;
    wakeWriter = undefined;
    reader?.();
    writer?.();
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    for (let atOnce = 0; isOurs; ) {
      const size = transfer('read', buffer);
      if (size === 'gone' || size === 0) return;
      if (size !== 'wait') {
        yield Uint8Array.prototype.slice.call(buffer, 0, size);
        atOnce += 1;
        if (atOnce < mostAtOnce) continue;
        await new Promise((resolve) => setImmediate(resolve));
      } else {
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
          rewatch();
        });
      }
      atOnce = 0;
    }
  }

  async function write(bytes: Uint8Array): Promise<boolean> {
    for (let left = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength); left.length > 0; ) {
      const size = isOurs ? transfer('write', left) : 'gone';
      if (size === 'gone') return false;
      if (size !== 'wait') left = left.subarray(size);
      else {
        await new Promise<void>((resolve) => {
          wakeWriter = resolve;
          rewatch();
        });
      }
    }
    return isOurs;
  }

  function transfer(name: 'read' | 'write', bytes: Buffer): number | 'wait' | 'gone' {
    for (;;) {
      const size = callRaw(name, fd, bytes, bytes.length);
      if (size >= 0) return size;
      if (size === -errno.again) return 'wait';
      if (size === -errno.io || size === -errno.brokenPipe) return 'gone';
      if (size !== -errno.interrupted) throw systemError(`${name} of a stream`, -size);
    }
  }

  function release(): number {
    if (isOurs) {
      isOurs = false;
      watcher.stop();
      watcher.close();
      call('of a stream', 'fcntlNumber', fd, setFlags, 0);
      wakeBoth();
    }
    return fd;
  }

  return {
    release,
    output: { [Symbol.asyncIterator]: read },
    write,
    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      closeSync(release());
    },
  };
}

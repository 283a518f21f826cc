// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from 'node:fs';
import { call, callWaiting, cString, systemError } from './libc.ts';

/** A connection that keeps the borders of messages, as conmon's attach socket does. */
export interface SeqpacketConnection extends Disposable {
  /** Sends one message; waits while the other side is slow. */
  send(packet: Uint8Array): Promise<void>;
  /** Messages as they come; ends when the other side has closed. */
  readonly packets: AsyncIterable<Uint8Array>;
  /** Says that nothing more will be sent. */
  shutdownWrite(): void;
  close(): void;
}

const unix = 1; // AF_UNIX
const seqpacket = 5 | 0o2000000; // SOCK_SEQPACKET, close on exec
const openPath = 0o10000000; // O_PATH
const noSignal = 0x4000; // MSG_NOSIGNAL
const interrupted = 4; // EINTR
const reset = 104; // ECONNRESET
const shutRead = 0;
const shutWrite = 1;
const largestPacket = 64 << 10;

/**
 * Connects to a SOCK_SEQPACKET socket. The path may be longer than the 107 bytes of a socket address: the kernel
 * is led there through a descriptor. Receiving holds one thread of libuv's pool while the connection is open.
 */
export async function connectSeqpacket(path: string): Promise<SeqpacketConnection> {
  const fd = call(`for ${path}`, 'socket', unix, seqpacket, 0);
  try {
    const place = openSync(path, openPath | constants.O_RDONLY);
    try {
      const address = Buffer.concat([Buffer.from([unix, 0]), cString(`/proc/self/fd/${place}`)]);
      call(path, 'connect', fd, address, address.length);
    } finally {
      closeSync(place);
    }
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return connectionOf(fd, path);
}

function connectionOf(fd: number, path: string): SeqpacketConnection {
  let users = 1; // the descriptor may only be closed when no thread is inside of a call on it
  let open = true;
  const leave = (): void => {
    users -= 1;
    if (users === 0) closeSync(fd);
  };
  const waiting = async (name: 'recv' | 'send', buffer: Buffer, flags: number): Promise<number> => {
    users += 1;
    try {
      return await callWaiting(name, fd, buffer, buffer.length, flags);
    } finally {
      leave();
    }
  };
  const close = (): void => {
    if (!open) return;
    open = false;
    call(path, 'shutdown', fd, shutRead); // wakes the thread that receives
    leave();
  };
  async function* receive(): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafe(largestPacket);
    while (open) {
      const size = await waiting('recv', buffer, 0);
      if (size === -interrupted) continue;
      // conmon resets the connection when the container was never started.
      if (size === 0 || size === -reset) return;
      if (size < 0) throw systemError(`recv from ${path}`, -size);
      yield Uint8Array.prototype.slice.call(buffer, 0, size);
    }
  }
  return {
    packets: receive(),
    async send(packet) {
      const sent = await waiting('send', Buffer.from(packet), noSignal);
      if (sent < 0) throw systemError(`send to ${path}`, -sent);
    },
    shutdownWrite() {
      if (open) call(path, 'shutdown', fd, shutWrite);
    },
    close,
    [Symbol.dispose]: close,
  };
}

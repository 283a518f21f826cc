// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { call, callRaw, cString, shown, systemError, watch } from './libc.ts';

/** A connection that keeps the borders of messages, as conmon's attach socket does. */
export interface SeqpacketConnection extends Disposable {
  /** Sends one message; waits while the other side is slow. Messages go out in the order of the calls. */
  send(packet: Uint8Array): Promise<void>;
  /** Messages as they come, for one reader; ends when the other side has closed, and after {@link close}. */
  readonly packets: AsyncIterable<Uint8Array>;
  /** Says that nothing more will be sent. */
  shutdownWrite(): void;
  /** Any number of times. Ends the reader; a send that waits fails. */
  close(): void;
}

const unix = 1; // AF_UNIX
const seqpacket = 5 | 0o2000000 | 0o4000; // SOCK_SEQPACKET, close on exec, without waiting
const openPath = 0o10000000; // O_PATH
const noSignal = 0x4000; // MSG_NOSIGNAL
const shutWrite = 1;
const again = 11; // EAGAIN
const interrupted = 4; // EINTR
const reset = 104; // ECONNRESET
const largestPacket = 64 << 10;

/**
 * Connects to a SOCK_SEQPACKET socket. The path may be longer than the 107 bytes of a socket address: the kernel
 * is led there through a descriptor. Sending and receiving wait in Node's event loop, not on a thread.
 *
 * @throws LadingError `not_found` when there is no such socket, `unavailable` when nobody listens
 */
export async function connectSeqpacket(path: string): Promise<SeqpacketConnection> {
  const fd = call(`for ${shown(path)}`, 'socket', unix, seqpacket, 0);
  try {
    const place = openSync(path, openPath | constants.O_RDONLY);
    try {
      const address = Buffer.concat([Buffer.from([unix, 0]), cString(`/proc/self/fd/${place}`)]);
      call(shown(path), 'connect', fd, address, address.length);
    } finally {
      closeSync(place);
    }
  } catch (error) {
    closeSync(fd);
    throw LadingError.from(error, Code.Internal);
  }
  return connectionOf(fd, path);
}

function connectionOf(fd: number, path: string): SeqpacketConnection {
  const watcher = watch(fd);
  let open = true;
  let wakeReader: (() => void) | undefined;
  let wakeWriter: (() => void) | undefined;

  /** Watches for what somebody waits for. Not for more: what is ready and not taken would keep the loop busy. */
  const rewatch = (): void => {
    const events = { readable: wakeReader !== undefined, writable: wakeWriter !== undefined };
    if (!open) return;
    if (events.readable || events.writable) watcher.start(events, wake);
    else watcher.stop();
  };
  /** Both look again, whichever it was for: also an error or the end of the other side wakes them. */
  const wake = (): void => {
    const woken = [wakeReader, wakeWriter];
    wakeReader = undefined;
    wakeWriter = undefined;
    rewatch();
    for (const go of woken) go?.();
  };
  const readable = (): Promise<void> =>
    new Promise((resolve) => {
      wakeReader = resolve;
      rewatch();
    });
  const writable = (): Promise<void> =>
    new Promise((resolve) => {
      wakeWriter = resolve;
      rewatch();
    });

  async function* receive(): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(largestPacket);
    while (open) {
      const size = callRaw('recv', fd, buffer, buffer.length, 0);
      if (size > 0) yield Uint8Array.prototype.slice.call(buffer, 0, size);
      else if (size === -again) await readable();
      else if (size === 0) return;
      // It is told once, before what has come and the end: the other side went without reading all.
      else if (size !== -interrupted && size !== -reset) throw systemError(`recv from ${shown(path)}`, -size);
    }
  }
  async function sendNow(packet: Uint8Array): Promise<void> {
    // An empty message would be the end of the stream for the other side.
    if (packet.length === 0) return;
    const bytes = Buffer.from(packet);
    while (open) {
      const sent = callRaw('send', fd, bytes, bytes.length, noSignal);
      if (sent >= 0) return;
      if (sent === -again) await writable();
      else if (sent !== -interrupted) throw systemError(`send to ${shown(path)}`, -sent);
    }
    throw new LadingError(Code.Canceled, `send to ${shown(path)}: the connection was closed`);
  }

  let last: Promise<void> = Promise.resolve();
  const close = (): void => {
    if (!open) return;
    open = false;
    watcher.close();
    closeSync(fd);
    wake();
  };
  return {
    packets: receive(),
    send(packet) {
      const sent = last.then(() => sendNow(packet));
      last = sent.catch(() => {}); // whoever called send hears of it; the next call finds out for itself
      return sent;
    },
    shutdownWrite() {
      if (open) call(shown(path), 'shutdown', fd, shutWrite);
    },
    close,
    [Symbol.dispose]: close,
  };
}

// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { call, cString, shown } from './libc.ts';

const unix = 1; // AF_UNIX
const datagram = 2 | 0o2000000 | 0o4000; // SOCK_DGRAM, close on exec, without waiting
const openPath = 0o10000000; // O_PATH
const noSignal = 0x4000; // MSG_NOSIGNAL

/**
 * Sends one message to a unix socket of datagrams, such as that of a service manager or of syslog, and does not wait for
 * one that is full. A path that begins with `@` is an abstract name. Others may be longer than the 107 bytes of a socket
 * address.
 *
 * @throws LadingError `not_found` when there is no such socket, `unavailable` when nobody listens or it is full
 *
 * @example
 * ```ts
 * import { sendDatagram } from '@lading/linux';
 *
 * try {
 *   sendDatagram('/run/lading-nobody', Buffer.from('READY=1'));
 * } catch (error) {
 *   console.log(String(error).includes('ENOENT')); // → true
 * }
 * ```
 */
export function sendDatagram(path: string, message: Uint8Array): void {
  const fd = call(`for ${shown(path)}`, 'socket', unix, datagram, 0);
  let place: number | undefined;
  try {
    if (!path.startsWith('@')) place = openSync(path, openPath | constants.O_RDONLY);
    const name = place === undefined ? Buffer.from(`\0${path.slice(1)}`) : cString(`/proc/self/fd/${place}`);
    const address = Buffer.concat([Buffer.from([unix, 0]), name]);
    call(shown(path), 'connect', fd, address, address.length);
    const bytes = Buffer.from(message);
    call(`to ${shown(path)}`, 'send', fd, bytes, bytes.length, noSignal);
  } catch (error) {
    throw LadingError.from(error, Code.Internal);
  } finally {
    if (place !== undefined) closeSync(place);
    closeSync(fd);
  }
}

// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { call } from './libc.ts';

const inet = 2; // AF_INET
const datagram = 2 | 0o2000000; // SOCK_DGRAM, close on exec
const getFlags = 0x8913; // SIOCGIFFLAGS
const setFlags = 0x8914; // SIOCSIFFLAGS
const up = 1; // IFF_UP

/** Sets an interface up in the network namespace of the calling thread. */
export function setInterfaceUp(name: string): void {
  const request = Buffer.alloc(40); // struct ifreq: name[16], then the flags
  request.write(name, 0, 15);
  const fd = call('for interface flags', 'socket', inet, datagram, 0);
  try {
    call(`flags of ${name}`, 'ioctl', fd, getFlags, request);
    request.writeInt16LE(request.readInt16LE(16) | up, 16);
    call(`${name} up`, 'ioctl', fd, setFlags, request);
  } finally {
    closeSync(fd);
  }
}

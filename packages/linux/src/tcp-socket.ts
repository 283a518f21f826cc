// SPDX-License-Identifier: Apache-2.0
import { Socket } from 'node:net';
import { call, shown } from './libc.ts';
import { inNetworkNamespace } from './namespaces.ts';

const families = { 4: 2, 6: 10 } as const; // AF_INET, AF_INET6
const stream = 1 | 0o2000000 | 0o4000; // SOCK_STREAM, close on exec, without waiting

/**
 * A TCP socket of a network namespace, to be connected by its `connect` to an address (a name would be looked up
 * outside): a socket stays in the namespace in which it was made, and Node makes its own only later.
 * `path` is a pinned namespace, or `/proc/PID/ns/net`. Both directions end by themselves, as with `allowHalfOpen`.
 */
export function tcpSocketIn(path: string, family: 4 | 6): Socket {
  const fd = inNetworkNamespace(path, () => call(`in ${shown(path)}`, 'socket', families[family], stream, 0));
  // Reading begins with the connection; before, the kernel would refuse it.
  const options = { fd, allowHalfOpen: true, manualStart: true };
  return new Socket(options);
}

// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { inNetworkNamespace } from './namespaces.ts';

/** Counters of a network interface since it was made. */
export interface NetworkUsage {
  /** `eth0` */
  readonly name: string;
  readonly receivedBytes: bigint;
  readonly receivedPackets: bigint;
  readonly receiveErrors: bigint;
  readonly receiveDrops: bigint;
  readonly sentBytes: bigint;
  readonly sentPackets: bigint;
  readonly sendErrors: bigint;
  readonly sendDrops: bigint;
}

/** Counters of all interfaces in a network namespace, lo among them. `path` is its pinned file, or `/proc/PID/ns/net`. */
export function readNetworkUsage(path: string): readonly NetworkUsage[] {
  return parseNetworkUsage(inNetworkNamespace(path, () => readFileSync('/proc/thread-self/net/dev', 'utf8')));
}

/** Reads /proc/net/dev. */
export function parseNetworkUsage(text: string): readonly NetworkUsage[] {
  return text.split('\n').flatMap((row) => {
    // A name may hold a colon itself, as that of an alias does.
    const [, name, counters] = /^\s*(\S+):\s*(\d+(?:\s+\d+){15})\s*$/.exec(row) ?? [];
    if (name === undefined || counters === undefined) return [];
    const values = counters.split(/\s+/).map(BigInt);
    const at = (index: number): bigint => values[index] ?? 0n;
    return [
      {
        name,
        receivedBytes: at(0),
        receivedPackets: at(1),
        receiveErrors: at(2),
        receiveDrops: at(3),
        sentBytes: at(8),
        sentPackets: at(9),
        sendErrors: at(10),
        sendDrops: at(11),
      },
    ];
  });
}

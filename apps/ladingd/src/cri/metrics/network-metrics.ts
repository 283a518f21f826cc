// SPDX-License-Identifier: Apache-2.0
import type { NetworkUsage } from '@lading/engine';
import type { MetricOf, NetworkSource } from './metric.ts';

function counter(
  name: string,
  help: string,
  key: Exclude<keyof NetworkUsage, 'name'>,
): MetricOf<NetworkSource> {
  return {
    name: `container_network_${name}_total`,
    help,
    kind: 'counter',
    labels: ['interface'],
    values: (network) => network.map((usage) => ({ value: usage[key], labels: [usage.name] })),
  };
}

/** Metrics of a sandbox, which has the network of its containers. */
export const networkMetrics: readonly MetricOf<NetworkSource>[] = [
  counter('receive_bytes', 'Bytes received.', 'receivedBytes'),
  counter('receive_packets', 'Packets received.', 'receivedPackets'),
  counter('receive_packets_dropped', 'Packets dropped while receiving.', 'receiveDrops'),
  counter('receive_errors', 'Errors while receiving.', 'receiveErrors'),
  counter('transmit_bytes', 'Bytes sent.', 'sentBytes'),
  counter('transmit_packets', 'Packets sent.', 'sentPackets'),
  counter('transmit_packets_dropped', 'Packets dropped while sending.', 'sendDrops'),
  counter('transmit_errors', 'Errors while sending.', 'sendErrors'),
];

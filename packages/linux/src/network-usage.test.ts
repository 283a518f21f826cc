// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { parseNetworkUsage } from './network-usage.ts';

it('reads the counters of each interface, also where a number touches the colon', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
  eth0:18446744073709551615 12    3    4    0     0          0         0     1480      15    5    6    0     0       0          0
`;
  expect(parseNetworkUsage(text)).toEqual([
    expect.objectContaining({ name: 'lo', receivedBytes: 100n, sentPackets: 2n }),
    {
      name: 'eth0',
      receivedBytes: 18446744073709551615n,
      receivedPackets: 12n,
      receiveErrors: 3n,
      receiveDrops: 4n,
      sentBytes: 1480n,
      sentPackets: 15n,
      sendErrors: 5n,
      sendDrops: 6n,
    },
  ]);
});

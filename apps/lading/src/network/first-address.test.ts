// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { firstAddress } from './first-address.ts';

it.each([
  ['10.89.0.0/24', '10.89.0.1'],
  ['10.93.1.128/25', '10.93.1.129'],
  ['10.93.1.200/25', '10.93.1.129'],
  ['0.0.0.0/0', '0.0.0.1'],
  ['fd01::/64', 'fd01::1'],
  ['fd00:1:2:3:4:5:6:0/112', 'fd00:1:2:3:4:5:6:1'],
  ['::/0', '::1'],
  ['2001:db8::ffff:0/112', '2001:db8::ffff:1'],
])('the first address of %s is %s', (subnet, address) => {
  expect(firstAddress(subnet)).toBe(address);
});

it.each(['', '10.89.0.0', '10.89.0.0/33', 'fd01::/129', 'frob/8', '10.89.0.0/x'])('%j has none', (subnet) => {
  expect(firstAddress(subnet)).toBeUndefined();
});

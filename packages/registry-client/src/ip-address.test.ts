// SPDX-License-Identifier: Apache-2.0
import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inSubnet, parseAddress, parseSubnet } from './ip-address.ts';

it.each([
  ['127.0.0.1', [127, 0, 0, 1]],
  ['::ffff:10.0.0.1', [10, 0, 0, 1]],
  ['::ffff:a00:1', [10, 0, 0, 1]],
  ['fe80::1%eth0', [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
])('%s is an address', (text, bytes) => {
  expect([...(parseAddress(text) ?? [])]).toEqual(bytes);
});

it.each([
  '',
  '1.2.3',
  '01.2.3.4',
  '1.2.3.256',
  '1.2.3.4.5',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  'g::',
  '::1.2.3',
])('%j is none', (text) => expect(parseAddress(text)).toBeUndefined());

it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '/8', '::/129', '10.0.0.0/8/8'])('%j is no subnet', (text) =>
  expect(parseSubnet(text)).toBeUndefined(),
);

it('agrees with Node about what an address is, and what lies in which subnet', () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(':', '.', '0', '1', 'f', '25'), maxLength: 24 }),
  );
  fc.assert(
    fc.property(text, fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), (one, base, bits) => {
      const family = isIP(one);
      const address = parseAddress(one);
      expect(address !== undefined).toBe(family !== 0);
      const subnet = parseSubnet(`${base}/${bits}`);
      const longest = isIP(base) === 6 ? 128 : 32;
      // A mapped base with a short prefix is no subnet of IPv4, which is all that it could be.
      if (subnet === undefined) return bits > longest || parseAddress(base)?.length === 4;
      if (address === undefined || address.length !== subnet.base.length) return true;
      const list = new BlockList();
      list.addSubnet(base, bits, isIP(base) === 6 ? 'ipv6' : 'ipv4');
      return inSubnet(address, subnet) === list.check(one, family === 6 ? 'ipv6' : 'ipv4');
    }),
    { numRuns: 20_000 },
  );
});

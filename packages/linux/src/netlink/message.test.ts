// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { attribute, decodeAttributes, decodeMessages, encodeMessage, textOf } from './message.ts';

describe('netlink messages', () => {
  it('are read as they were written', () => {
    const nested = attribute(0x8000 | 18, [attribute(1, 'veth'), attribute(2, Buffer.from([1]))]);
    const body = [Buffer.alloc(8, 7), attribute(3, 'eth0'), attribute(4, 1500), nested];
    const bytes = Buffer.concat([encodeMessage(16, 0x605, 42, body), encodeMessage(3, 2, 43, [])]);
    const [first, second, ...others] = decodeMessages(bytes);
    expect([first?.type, first?.sequence, second, others]).toEqual([
      16,
      42,
      { type: 3, sequence: 43, body: Buffer.alloc(0) },
      [],
    ]);
    const attributes = decodeAttributes(first?.body ?? Buffer.alloc(0), 8);
    expect(textOf(attributes.get(3))).toBe('eth0');
    expect(attributes.get(4)?.readUInt32LE(0)).toBe(1500);
    const inner = decodeAttributes(attributes.get(18) ?? Buffer.alloc(0), 0);
    expect([textOf(inner.get(1)), inner.get(2)]).toEqual(['veth', Buffer.from([1])]);
  });

  it('that are cut off are refused, whatever length they claim', () => {
    const bytes = encodeMessage(16, 0, 1, [attribute(3, 'eth0')]);
    for (const length of [0, 15, bytes.length + 1, 0xffff_ffff]) {
      const bad = Buffer.from(bytes);
      bad.writeUInt32LE(length, 0);
      expect(() => decodeMessages(bad)).toThrow(RangeError);
    }
    for (const length of [0, 3, 10, 0xffff]) {
      const bad = attribute(3, 'eth0').subarray(0, 9);
      bad.writeUInt16LE(length, 0);
      expect(() => decodeAttributes(bad, 0)).toThrow(RangeError);
    }
  });
});

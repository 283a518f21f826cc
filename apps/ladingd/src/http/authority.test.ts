// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { withTakenAuthority } from './authority.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const literal = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);

describe('withTakenAuthority', () => {
  it('writes a path as plain text of the same length, and leaves what is around it', () => {
    const [method, path, rest] = [hex('83'), Buffer.concat([hex('44'), literal('/a.B/C')]), hex('5f 01 78')];
    const authority = (text: string): Buffer => Buffer.concat([hex('41'), literal(text)]);
    const block = Buffer.concat([method, hex('3f e1 1f'), path, authority('/run/x.sock'), rest]);
    const expected = Buffer.concat([method, hex('3f e1 1f'), path, authority('-run-x.sock'), rest]);
    expect(withTakenAuthority(block).toString('hex')).toBe(expected.toString('hex'));
  });

  it("reads Huffman's code", () => {
    // `/run/x.sock`, as the field is written by gRPC of Go.
    const coded = [...'/run/x.sock'].map((letter) => codes[letter] ?? '').join('');
    const bits = coded.padEnd(Math.ceil(coded.length / 8) * 8, '1');
    const bytes = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
    const block = Buffer.concat([hex('83 41'), Buffer.from([0x80 | bytes.length]), bytes, hex('86')]);
    const expected = Buffer.concat([hex('83 41'), literal('-run-x.sock'), hex('86')]);
    expect(withTakenAuthority(block).toString('hex')).toBe(expected.toString('hex'));
  });

  it.each([
    ['an authority that is taken', Buffer.concat([hex('83 41'), literal('localhost')])],
    // The example of RFC 7541, C.4.1: www.example.com.
    ["one in Huffman's code", hex('82 86 84 41 8c f1 e3 c2 e5 f2 3a 6b a0 ab 90 f4 ff')],
    ['one from a table', hex('82 86 84 be')],
    ['a path in another field', Buffer.concat([hex('44'), literal('/run/x.sock')])],
    ['a path in a field with a name of its own', Buffer.concat([hex('40'), literal('x'), literal('/a/b')])],
    ['a value that ends too early', hex('83 41 20 2f')],
    ['an integer without an end', hex('41 ff ff ff ff ff ff ff ff ff')],
    ['a code that there is none of', hex('41 84 ff ff ff ff')],
    ['nothing', Buffer.alloc(0)],
  ])('leaves %s alone', (_what, block) => {
    expect(withTakenAuthority(block)).toBe(block);
  });

  it('takes a path of any length', () => {
    const path = `/${'x'.repeat(299)}`;
    const length = hex('7f ad 01'); // 127 + 45 + 128
    const block = Buffer.concat([hex('41'), length, Buffer.from(path)]);
    expect(withTakenAuthority(block).toString()).toBe(block.toString().replace('/', '-'));
  });
});

/** RFC 7541, appendix B. */
const codes: Readonly<Record<string, string>> = {
  '/': '011000',
  '.': '010111',
  c: '00100',
  k: '1110101',
  n: '101010',
  o: '00111',
  r: '101100',
  s: '01000',
  u: '101101',
  x: '1111001',
};

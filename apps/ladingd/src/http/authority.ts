// SPDX-License-Identifier: Apache-2.0
import { huffmanText } from './hpack-text.ts';

/** The place of `:authority` in the static table. @see RFC 7541, appendix A */
const authorityIndex = 1;

/** What cannot stand in an authority, for nghttp2. */
const refused = /[^!$%&'()*+,\-.0-9:;=@A-Z[\]_a-z~]/g;

/**
 * A block of header fields in which an authority that HTTP/2 refuses is one that it takes. Kubelets before 1.24 give
 * the path of the socket for it, as their gRPC does, and Node would end each of their requests. Its length stays:
 * later blocks refer to it by its place in a table that both sides keep, and whose size goes by lengths.
 *
 * @param block the whole of it; one that cannot be understood stays as it is, for HTTP/2 to say so
 */
export function withTakenAuthority(block: Buffer): Buffer {
  for (let at = 0; at < block.length; ) {
    const first = block[at] ?? 0;
    if ((first & 0x80) !== 0) {
      at = integerAt(block, at, 7).end; // a field that is in a table
      continue;
    }
    if ((first & 0xe0) === 0x20) {
      at = integerAt(block, at, 5).end; // a new size of the table
      continue;
    }
    const name = integerAt(block, at, (first & 0xc0) === 0x40 ? 6 : 4);
    const value = stringAt(block, name.value === 0 ? stringAt(block, name.end).end : name.end);
    if (value.end > block.length) return block;
    if (name.value === authorityIndex) {
      const text = value.isHuffman ? huffmanText(value.bytes) : value.bytes.toString('latin1');
      const taken = text?.replaceAll(refused, '-');
      if (taken === undefined || taken === text) return block;
      return Buffer.concat([block.subarray(0, name.end), stringOf(taken), block.subarray(value.end)]);
    }
    at = value.end;
  }
  return block;
}

/** @see RFC 7541, 5.1 */
function integerAt(block: Buffer, at: number, bits: number): { value: number; end: number } {
  const most = (1 << bits) - 1;
  let value = (block[at] ?? 0) & most;
  let end = at + 1;
  if (value < most) return { value, end };
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = block[end++] ?? 0;
    value += (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return { value, end };
}

/** @see RFC 7541, 5.2 */
function stringAt(block: Buffer, at: number): { bytes: Buffer; isHuffman: boolean; end: number } {
  const { value: length, end } = integerAt(block, at, 7);
  return {
    bytes: block.subarray(end, end + length),
    isHuffman: ((block[at] ?? 0) & 0x80) !== 0,
    end: end + length,
  };
}

/** As it is, not in Huffman's code. */
function stringOf(text: string): Buffer {
  const length = text.length < 127 ? [text.length] : [127, ...sevenBits(text.length - 127)];
  return Buffer.concat([Buffer.from(length), Buffer.from(text, 'latin1')]);
}

function sevenBits(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...sevenBits(value >>> 7)];
}

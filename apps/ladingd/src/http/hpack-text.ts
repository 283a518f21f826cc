// SPDX-License-Identifier: Apache-2.0

/** How many bits each byte has in HPACK's Huffman code, which follows from that. @see RFC 7541, appendix B */
const bitsOfByte: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28,
];

/** The bytes that have a short code, by its bits as text. A canonical code: of one length they count up. */
const byteOfCode: ReadonlyMap<string, number> = codesOf(bitsOfByte);

function codesOf(lengths: readonly number[]): ReadonlyMap<string, number> {
  // Codes of bytes from 128 on stand between those of more than 18 bits, which have no place in a text.
  const short = lengths.flatMap((bits, byte) => (bits <= 15 ? [{ bits, byte }] : []));
  const codes = new Map<string, number>();
  let code = 0;
  let length = 0;
  for (const { bits, byte } of short.toSorted(
    (one, other) => one.bits - other.bits || one.byte - other.byte,
  )) {
    code <<= bits - length;
    length = bits;
    codes.set(code.toString(2).padStart(bits, '0'), byte);
    code += 1;
  }
  return codes;
}

/** What a string of HPACK says that is in Huffman's code, or undefined when it is no printable text of ASCII. */
export function huffmanText(coded: Uint8Array): string | undefined {
  let text = '';
  let code = '';
  for (const byte of coded) {
    for (const bit of byte.toString(2).padStart(8, '0')) {
      code += bit;
      const found = byteOfCode.get(code);
      if (found === undefined) continue;
      text += String.fromCharCode(found);
      code = '';
    }
  }
  // What is left fills the last byte up, with ones.
  return code.length < 8 && /^1*$/.test(code) ? text : undefined;
}

// SPDX-License-Identifier: Apache-2.0

/** A tar with one small file in it: the least that is a layer. */
export function tarOf(name: string, text: string): Uint8Array {
  const content = new TextEncoder().encode(text);
  const header = new Uint8Array(512);
  const put = (offset: number, value: string): void => header.set(new TextEncoder().encode(value), offset);
  put(0, name);
  put(100, '0000644\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${content.length.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, '0');
  put(257, 'ustar\0');
  put(263, '00');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  const padded = new Uint8Array(Math.ceil(content.length / 512) * 512);
  padded.set(content);
  return new Uint8Array([...header, ...padded, ...new Uint8Array(1024)]);
}

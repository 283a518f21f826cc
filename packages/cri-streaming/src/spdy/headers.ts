// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

export type Headers = ReadonlyMap<string, string>;

const mostHeaders = 100;

/** Reads the plain form of a header block (SPDY/3.1, 2.6.10). @throws LadingError `invalid_argument` */
export function parseHeaders(block: Buffer): Headers {
  let offset = 0;
  const number = (): number => {
    if (offset + 4 > block.length) throw malformed('it ends too early');
    offset += 4;
    return block.readUInt32BE(offset - 4);
  };
  const text = (): string => {
    const length = number();
    if (length > block.length - offset) throw malformed('it ends too early');
    offset += length;
    return block.toString('latin1', offset - length, offset);
  };
  const headers = new Map<string, string>();
  const count = number();
  if (count > mostHeaders) throw malformed(`it has ${count} headers`);
  for (let i = 0; i < count; i++) {
    const name = text();
    if (name === '' || name !== name.toLowerCase()) throw malformed('a name is empty or not in lower case');
    if (headers.has(name)) throw malformed('a name comes twice');
    headers.set(name, text());
  }
  if (offset !== block.length) throw malformed('bytes are left over');
  return headers;
}

export function formatHeaders(headers: Headers): Buffer {
  const parts: Buffer[] = [];
  const add = (text: string): void => {
    const bytes = Buffer.from(text, 'latin1');
    parts.push(uint32(bytes.length), bytes);
  };
  for (const [name, value] of headers) {
    add(name);
    add(value);
  }
  return Buffer.concat([uint32(headers.size), ...parts]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function malformed(why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `a SPDY header block cannot be read: ${why}`);
}

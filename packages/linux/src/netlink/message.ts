// SPDX-License-Identifier: Apache-2.0

/** Messages of netlink as the kernel lays them out: little-endian here, each part on a multiple of four bytes. */

/** A message from the kernel. */
export interface NetlinkMessage {
  readonly type: number;
  readonly sequence: number;
  /** What comes after the header of 16 bytes. */
  readonly body: Buffer;
}

const headerBytes = 16;
const attributeHeaderBytes = 4;
/** The upper two bits are marks. */
const attributeTypeMask = 0x3fff;

export function encodeMessage(
  type: number,
  flags: number,
  sequence: number,
  body: readonly Buffer[],
): Buffer {
  const header = Buffer.alloc(headerBytes);
  const bytes = Buffer.concat([header, ...body]);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags, 6);
  bytes.writeUInt32LE(sequence, 8);
  return bytes;
}

/** An attribute; a number is one of four bytes, a text ends with a NUL, several parts are attributes or follow a header. */
export function attribute(type: number, value: number | string | Buffer | readonly Buffer[]): Buffer {
  const bytes = valueBytes(value);
  const whole = Buffer.alloc(aligned(attributeHeaderBytes + bytes.length));
  whole.writeUInt16LE(attributeHeaderBytes + bytes.length, 0);
  whole.writeUInt16LE(type, 2);
  bytes.copy(whole, attributeHeaderBytes);
  return whole;
}

function valueBytes(value: number | string | Buffer | readonly Buffer[]): Buffer {
  if (typeof value === 'string') return Buffer.from(`${value}\0`);
  if (Buffer.isBuffer(value)) return value;
  if (typeof value !== 'number') return Buffer.concat(value);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Messages as one read from the socket gives them. */
export function decodeMessages(bytes: Buffer): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length < headerBytes || at + length > bytes.length)
      throw new RangeError('a netlink message is cut off');
    messages.push({
      type: bytes.readUInt16LE(at + 4),
      sequence: bytes.readUInt32LE(at + 8),
      body: bytes.subarray(at + headerBytes, at + length),
    });
    at += aligned(length);
  }
  return messages;
}

/** The attributes that follow a message's own header of `start` bytes. */
export function decodeAttributes(body: Buffer, start: number): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = start; at + attributeHeaderBytes <= body.length; ) {
    const length = body.readUInt16LE(at);
    if (length < attributeHeaderBytes || at + length > body.length)
      throw new RangeError('a netlink attribute is cut off');
    found.set(
      body.readUInt16LE(at + 2) & attributeTypeMask,
      body.subarray(at + attributeHeaderBytes, at + length),
    );
    at += aligned(length);
  }
  return found;
}

/** The text of an attribute, which ends with a NUL. */
export function textOf(value: Buffer | undefined): string | undefined {
  return value?.toString('utf8').replace(/\0.*$/s, '');
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

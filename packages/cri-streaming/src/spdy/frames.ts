// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** The control frames that a server of Kubernetes' streams looks at (SPDY/3.1, 2.2). */
export const frameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

/** Reasons of RST_STREAM. */
export const resetStatus = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
} as const;

export const finFlag = 1;

export interface ControlFrame {
  readonly kind: 'control';
  readonly type: number;
  readonly flags: number;
  readonly body: Buffer;
}

/** The payload of a data frame, or the next part of one; the flags come with the last. */
interface DataPart {
  readonly kind: 'data';
  readonly streamId: number;
  readonly flags: number;
  readonly bytes: Buffer;
}

export type Frame = ControlFrame | DataPart;

const headBytes = 8;
/** A client sends three short headers a stream. */
const largestControlBody = 16 << 10;

/** Cuts a byte stream into frames; data is passed on as it comes and never gathered. */
export interface FrameParser {
  /** @throws LadingError `invalid_argument` for a control frame that is too long */
  push(chunk: Uint8Array): Frame[];
}

export function createFrameParser(): FrameParser {
  let waiting = Buffer.alloc(0);
  let data: { streamId: number; flags: number; left: number } | undefined;

  function next(): Frame | undefined {
    if (data !== undefined) {
      if (waiting.length === 0) return undefined;
      return dataPart(data);
    }
    if (waiting.length < headBytes) return undefined;
    const first = waiting.readUInt32BE(0);
    const flags = waiting.readUInt8(4);
    const length = waiting.readUIntBE(5, 3);
    if (first < 0x80000000) {
      waiting = waiting.subarray(headBytes);
      return dataPart({ streamId: first, flags, left: length });
    }
    if (length > largestControlBody) {
      throw new LadingError(
        Code.InvalidArgument,
        `a SPDY control frame of ${length} bytes; ${largestControlBody} are allowed`,
      );
    }
    if (waiting.length < headBytes + length) return undefined;
    const body = waiting.subarray(headBytes, headBytes + length);
    waiting = waiting.subarray(headBytes + length);
    return { kind: 'control', type: first & 0xffff, flags, body };
  }

  function dataPart(frame: { streamId: number; flags: number; left: number }): DataPart {
    const bytes = waiting.subarray(0, frame.left);
    waiting = waiting.subarray(bytes.length);
    const left = frame.left - bytes.length;
    data = left > 0 ? { ...frame, left } : undefined;
    return { kind: 'data', streamId: frame.streamId, flags: left > 0 ? 0 : frame.flags, bytes };
  }

  return {
    push(chunk) {
      waiting = waiting.length === 0 ? Buffer.from(chunk) : Buffer.concat([waiting, chunk]);
      const frames: Frame[] = [];
      for (let frame = next(); frame !== undefined; frame = next()) frames.push(frame);
      return frames;
    },
  };
}

export function formatControlFrame(type: number, body: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(0x80030000 + type, 0);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

/** `bytes` must be shorter than 16 MiB. */
export function formatDataFrame(streamId: number, bytes: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(bytes.length, 5, 3);
  return Buffer.concat([head, bytes]);
}

export function words(...values: readonly number[]): Buffer {
  const body = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    body.writeUInt32BE(value, index * 4);
  });
  return body;
}

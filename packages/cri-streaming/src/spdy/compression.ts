// SPDX-License-Identifier: Apache-2.0
import { constants, createInflate } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import { dictionary } from './dictionary.ts';

const largestBlock = 64 << 10;

/** Undoes the compression of one direction; the blocks must come in their order, one at a time. */
export interface HeaderInflater extends Disposable {
  /** @throws LadingError `invalid_argument` for what is no zlib, or grows too large */
  inflate(block: Uint8Array): Promise<Buffer>;
}

export function createHeaderInflater(): HeaderInflater {
  const stream = createInflate({ dictionary, finishFlush: constants.Z_SYNC_FLUSH });
  let parts: Buffer[] = [];
  let size = 0;
  let fail: (error: unknown) => void = () => {};
  stream.on('data', (part: Buffer) => {
    size += part.length;
    // A bomb is stopped at the first piece too many.
    if (size > largestBlock) stream.destroy(new Error('it is too large'));
    else parts.push(part);
  });
  stream.on('error', (error) => fail(error));
  return {
    inflate(block) {
      parts = [];
      size = 0;
      return new Promise((resolve, reject) => {
        fail = (error) =>
          reject(
            new LadingError(
              Code.InvalidArgument,
              `a SPDY header block cannot be inflated: ${LadingError.from(error).message}`,
              { cause: error },
            ),
          );
        stream.write(block, (error) => {
          if (error) fail(error);
          // Of what is too large its event will tell.
          else if (!stream.destroyed) resolve(Buffer.concat(parts));
        });
      });
    },
    [Symbol.dispose]: () => void stream.destroy(),
  };
}

/** Of a zlib stream with a preset dictionary: flags, then the Adler-32 of the dictionary. */
const zlibHead = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);
const syncFlush = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** Wraps header blocks up without compressing them: a server's are four bytes, and no state needs to be kept. */
export function createHeaderDeflater(): (block: Uint8Array) => Buffer {
  let isFirst = true;
  return (block) => {
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(block.length, 1);
    stored.writeUInt16LE(~block.length & 0xffff, 3);
    const wrapped = Buffer.concat([isFirst ? zlibHead : Buffer.alloc(0), stored, block, syncFlush]);
    isFirst = false;
    return wrapped;
  };
}

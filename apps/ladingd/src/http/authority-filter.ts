// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { withTakenAuthority } from './authority.ts';

const prefaceBytes = 24;
const frameHeadBytes = 9;
/** Of those that are held: HTTP/2 ends a connection for one of more than 16 KiB, unless told otherwise. */
const longestFrame: number = 32 << 10;
const headersType = 1;
const endHeaders = 0x4;
const padded = 0x8;
const priority = 0x20;

/** A connection of HTTP/2 whose requests have an authority that is taken; see {@link withTakenAuthority}. */
export function withTakenAuthorities(socket: Socket): Duplex {
  const filter = createFilter();
  const filtered = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    for (const bytes of filter(chunk)) if (!filtered.push(bytes)) socket.pause();
  });
  socket.on('end', () => void filtered.push(null));
  socket.on('error', (error) => void filtered.destroy(error));
  socket.on('close', () => void filtered.destroy());
  return filtered;
}

/** Passes the bytes of a client on, but holds frames of header fields until they are complete. */
function createFilter(): (chunk: Buffer) => readonly Buffer[] {
  let held: Buffer = Buffer.alloc(0);
  let toPass = prefaceBytes;
  return (chunk) => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    const passed: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (toPass === 0) {
        const rest = bytes.subarray(at);
        const size = frameHeadBytes + (rest.length < frameHeadBytes ? 0 : rest.readUIntBE(0, 3));
        const isToRewrite = rest[3] === headersType && size <= longestFrame;
        if (rest.length < (isToRewrite ? size : frameHeadBytes)) {
          held = rest;
          break;
        }
        if (isToRewrite) {
          passed.push(rewritten(rest.subarray(0, size)));
          at += size;
          continue;
        }
        toPass = size;
      }
      const piece = bytes.subarray(at, at + toPass);
      passed.push(piece);
      toPass -= piece.length;
      at += piece.length;
    }
    return passed;
  };
}

function rewritten(frame: Buffer): Buffer {
  const flags = frame[4] ?? 0;
  // One that goes on in another frame has more than ten KiB of fields, and is no kubelet's.
  if ((flags & endHeaders) === 0 || (flags & padded) !== 0) return frame;
  const from = frameHeadBytes + ((flags & priority) === 0 ? 0 : 5);
  const fields = frame.subarray(from);
  const block = withTakenAuthority(fields);
  if (block === fields) return frame;
  const head = Buffer.from(frame.subarray(0, from));
  head.writeUIntBE(from - frameHeadBytes + block.length, 0, 3);
  return Buffer.concat([head, block]);
}

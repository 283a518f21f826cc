// SPDX-License-Identifier: Apache-2.0
import { isUtf8 } from 'node:buffer';
import { Code, LadingError } from '@lading/errors';
import { Crc64 } from './crc64.ts';
import { pathInLayer } from './entry-path.ts';
import { shown } from './tar-header.ts';

const lineFeed = 10;

/** A segment is no longer: gigabytes may follow the end of an archive. */
const mostSegmentBytes = 256 << 10;

/** Collects the lines of a tar-split file: all of an archive but the content of its files. */
export interface TarSplitLines {
  raw(bytes: Buffer): void;
  begin(name: Buffer, size: number): void;
  content(bytes: Buffer): void;
  endEntry(): void;
  end(): void;
}

/**
 * @param blockBytes how many bytes are emitted at a time, about
 * @param emit takes some lines, in memory that becomes its own
 */
export function createTarSplitLines(
  blockBytes: number,
  emit: (lines: Uint8Array<ArrayBuffer>) => void,
): TarSplitLines {
  let segment = Buffer.allocUnsafe(4096);
  let segmentBytes = 0;
  let position = 0;
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let used = 0;
  let entry: { name: Buffer; size: number; crc: Crc64 | undefined } | undefined;
  const seen = new Set<string>();

  const line = (text: string): void => {
    position += 1;
    const most = 3 * text.length + 1;
    if (most > block.length - used) flush(Math.max(blockBytes, most));
    used += block.write(text, used);
    block[used++] = lineFeed;
  };
  const flush = (nextBytes: number): void => {
    if (used > 0) emit(block.subarray(0, used));
    block = Buffer.allocUnsafeSlow(nextBytes);
    used = 0;
  };
  const endSegment = (): void => {
    if (segmentBytes === 0) return;
    line(`{"type":2,"payload":"${segment.toString('base64', 0, segmentBytes)}","position":${position}}`);
    segmentBytes = 0;
  };

  return {
    raw(bytes) {
      const needed = segmentBytes + bytes.length;
      if (needed > segment.length) {
        const larger = Buffer.allocUnsafe(2 * needed);
        segment.copy(larger, 0, 0, segmentBytes);
        segment = larger;
      }
      bytes.copy(segment, segmentBytes);
      segmentBytes = needed;
      // Borders of segments mean nothing.
      if (segmentBytes > mostSegmentBytes) endSegment();
    },
    begin(name, size) {
      // The Go tools neither write nor read a layer in which a path stands twice.
      const key = pathInLayer(name, 'name').toString('latin1');
      if (seen.has(key)) {
        throw new LadingError(Code.InvalidArgument, `tar: ${shown(name)} stands twice in the layer`, {
          reason: 'TAR_DUPLICATE',
        });
      }
      seen.add(key);
      endSegment();
      entry = { name: Buffer.from(name), size, crc: size > 0 ? new Crc64() : undefined };
    },
    content(bytes) {
      entry?.crc?.update(bytes);
    },
    endEntry() {
      if (entry === undefined) return;
      const { name, size, crc } = entry;
      entry = undefined;
      const named = isUtf8(name)
        ? `"name":${goString(name.toString())}`
        : `"name_raw":"${name.toString('base64')}"`;
      const payload = crc === undefined ? 'null' : `"${crc.digest().toString('base64')}"`;
      line(
        `{"type":1,${named}${size > 0 ? `,"size":${size}` : ''},"payload":${payload},"position":${position}}`,
      );
    },
    end() {
      endSegment();
      flush(0);
    },
  };
}

/** JSON text as Go writes it. */
function goString(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

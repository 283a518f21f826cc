// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { it } from 'vitest';
import { createFrameParser, type Frame, formatControlFrame, formatDataFrame } from './frames.ts';
import { formatHeaders, parseHeaders } from './headers.ts';

const bytes = fc.uint8Array({ maxLength: 12 });
const frame = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 0xffff }), bytes, fc.integer({ min: 0, max: 255 }))
    .map(([type, body, flags]) => formatControlFrame(type, body, flags)),
  fc
    .tuple(fc.integer({ min: 0, max: 0x7fffffff }), bytes, fc.integer({ min: 0, max: 255 }))
    .map(([id, body, flags]) => formatDataFrame(id, body, flags)),
);

/** Parts of a data frame put together again. */
function whole(frames: readonly Frame[]): Buffer {
  return Buffer.concat(frames.map((one) => (one.kind === 'data' ? one.bytes : formatControl(one))));
}

function formatControl(one: Frame & { kind: 'control' }): Buffer {
  return formatControlFrame(one.type, one.body, one.flags);
}

it('frames are the same however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 3 }), fc.nat(), (frames, cut) => {
      const all = Buffer.concat(frames);
      const at = all.length === 0 ? 0 : cut % all.length;
      const once = createFrameParser().push(all);
      const parser = createFrameParser();
      const twice = [...parser.push(all.subarray(0, at)), ...parser.push(all.subarray(at))];
      return whole(twice).equals(whole(once)) && once.length === frames.length;
    }),
    { numRuns: 100_000 },
  );
}, 60_000);

it('a parser of any bytes throws nothing but a LadingError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
      try {
        createFrameParser().push(input);
      } catch (error) {
        if (!(error instanceof LadingError)) throw error;
      }
    }),
    { numRuns: 100_000 },
  );
}, 60_000);

const name = fc.stringMatching(/^[a-z-]{1,12}$/);
const headers = fc.array(fc.tuple(name, fc.stringMatching(/^[\x20-\x7e]{0,12}$/)), { maxLength: 5 });

it('what can be read of a header block, mutated or not, is written the same', () => {
  fc.assert(
    fc.property(headers, fc.nat(), fc.integer({ min: 0, max: 255 }), (pairs, place, value) => {
      const block = formatHeaders(new Map(pairs));
      if (place % 2 === 1) block[place % block.length] = value;
      try {
        const parsed = parseHeaders(block);
        return formatHeaders(parsed).equals(block);
      } catch (error) {
        return error instanceof LadingError && place % 2 === 1;
      }
    }),
    { numRuns: 100_000 },
  );
}, 60_000);

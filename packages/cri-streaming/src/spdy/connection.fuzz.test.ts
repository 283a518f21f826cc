// SPDX-License-Identifier: Apache-2.0
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHeaderDeflater } from './compression.ts';
import { openConnection } from './connection.ts';
import { createFrameParser, formatControlFrame, formatDataFrame, frameType, words } from './frames.ts';
import { formatHeaders } from './headers.ts';

const bytes = fc.uint8Array({ maxLength: 24 });
const id = fc.integer({ min: 0, max: 9 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), id, flags: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('data' as const), id, flags: fc.integer({ min: 0, max: 1 }), body: bytes }),
  fc.record({ kind: fc.constant('control' as const), type: fc.integer({ min: 0, max: 10 }), body: bytes }),
  fc.record({ kind: fc.constant('reset' as const), id }),
  fc.record({ kind: fc.constant('raw' as const), body: bytes }),
);

it('whatever a client sends, the session ends with it, and what is answered can be read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const deflate = createHeaderDeflater();
      const frames = steps.map((one) => {
        if (one.kind === 'data') return formatDataFrame(one.id, one.body, one.flags);
        if (one.kind === 'control') return formatControlFrame(one.type, one.body);
        if (one.kind === 'reset') return formatControlFrame(frameType.rstStream, words(one.id, 5));
        if (one.kind === 'raw') return Buffer.from(one.body);
        const block = deflate(formatHeaders(new Map([['streamtype', 'data']])));
        const head = Buffer.concat([words(one.id, 0), Buffer.alloc(2)]);
        return formatControlFrame(frameType.synStream, Buffer.concat([head, block]), one.flags);
      });
      const parser = createFrameParser();
      const socket = new Duplex({
        read() {
          this.push(frames.shift() ?? null);
        },
        write(chunk: Buffer, _encoding, done) {
          parser.push(chunk);
          done();
        },
      });
      const connection = openConnection(socket, () => {});
      const inputs: Promise<void>[] = [];
      for await (const stream of connection.streams) {
        inputs.push(
          (async () => {
            for await (const chunk of stream.input) await stream.write(chunk);
            stream.end();
          })(),
        );
      }
      await Promise.all(inputs);
      expect(connection.signal.aborted).toBe(true);
    }),
    { numRuns: 5000 },
  );
}, 60_000);

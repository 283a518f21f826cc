// SPDX-License-Identifier: Apache-2.0
import { parentPort } from 'node:worker_threads';
import { createDeflate, type Deflate, mostDeflated } from './deflate/deflate.ts';
import type { FromDeflater, ToDeflater } from './deflate-messages.ts';
import { failureOf } from './thread-failure.ts';

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');
const send = (message: FromDeflater, lent: ArrayBuffer[] = []): void => port.postMessage(message, lent);

const ofLevel = new Map<number, Deflate>();

port.on('message', ({ job, level, block, size, output: spare }: ToDeflater) => {
  try {
    const deflate = ofLevel.get(level) ?? createDeflate(level);
    ofLevel.set(level, deflate);
    const output = spare ?? new ArrayBuffer(mostDeflated(block.byteLength));
    const deflated = deflate(new Uint8Array(block, 0, size), new Uint8Array(output));
    send({ job, type: 'deflated', block, output, size: deflated }, [block, output]);
  } catch (cause) {
    send({ job, ...failureOf(cause) });
  }
});

// SPDX-License-Identifier: Apache-2.0
// Adds a layer that others may add as well: GRAPHROOT RUNROOT TAR DIFFID LOG. Notes in LOG that it reads the source, says
// `reading` halfway and goes on when a line arrives on stdin; prints the layer's id.
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { parseDigest } from '@lading/image-spec';
import { openStore } from '../src/index.ts';

const [graphRoot = '', runRoot = '', tar = '', diffId = '', log = ''] = process.argv.slice(2);
await using store = await openStore({ graphRoot, runRoot });

async function* source(): AsyncGenerator<Uint8Array> {
  appendFileSync(log, 'read\n');
  const bytes = readFileSync(tar);
  yield bytes.subarray(0, bytes.length / 2);
  process.stdout.write('reading\n');
  await once(process.stdin, 'data');
  yield bytes.subarray(bytes.length / 2);
}

const { id } = await store.layers.add(source(), { expectedDiffId: parseDigest(diffId) });
process.stdout.write(`${id}\n`);
process.stdin.destroy();

// SPDX-License-Identifier: Apache-2.0
// Begins to add a layer, says so, and never ends: GRAPHROOT RUNROOT TAR.
import { readFileSync } from 'node:fs';
import { openStore } from '../src/index.ts';

const [graphRoot = '', runRoot = '', tar = ''] = process.argv.slice(2);
const bytes = readFileSync(tar);
const store = await openStore({ graphRoot, runRoot });

async function* half(): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, bytes.length / 2);
  process.stdout.write('half\n');
  await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
}

await store.layers.add(half());

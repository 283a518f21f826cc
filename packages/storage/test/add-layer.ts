// SPDX-License-Identifier: Apache-2.0
// Adds a layer when a line arrives on stdin, and prints its id: GRAPHROOT RUNROOT TAR.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { openStore } from '../src/index.ts';

const [graphRoot = '', runRoot = '', tar = ''] = process.argv.slice(2);
await using store = await openStore({ graphRoot, runRoot });
await using staged = await store.layers.stage(createReadStream(tar));
process.stdout.write('staged\n');
await once(process.stdin, 'data');
const { id } = await staged.commit();
process.stdout.write(`${id}\n`);
process.stdin.destroy();

// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { packFolder } from '@lading/layer';
import { openStore } from '../src/index.ts';

/** Tries to add a layer as a user without privileges; prints what it is told. */
const [root = ''] = process.argv.slice(2);
const files = join(root, 'files');
mkdirSync(files);
writeFileSync(join(files, 'file'), 'text');
await using store = await openStore({ graphRoot: join(root, 'graph'), runRoot: join(root, 'run') });
const added: unknown = await store.layers.add(packFolder(files)).catch((error: unknown) => error);
const layers = (await store.layers.list()).length;
const faults = await Array.fromAsync(store.check());
console.log(JSON.stringify({ message: LadingError.from(added).message, layers, faults }));

// SPDX-License-Identifier: Apache-2.0
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { packEntries } from '@lading/layer';
import { openStore } from '../src/index.ts';
import { readAll, sha256 } from './support.ts';

/** Adds a layer with a file of another owner where only root is mapped; prints what becomes of it. */
const [root = ''] = process.argv.slice(2);
const roots = { graphRoot: join(root, 'graph'), runRoot: join(root, 'run') };
const archive = await readAll(
  packEntries([
    { type: 'file', path: 'theirs', content: Buffer.from('x'), uid: 5, gid: 6, mtime: new Date(0) },
  ]),
);
const source = async function* (): AsyncGenerator<Uint8Array> {
  yield Buffer.from(archive);
};
await using strict = await openStore(roots);
const refused: unknown = await strict.layers.add(source()).catch((error: unknown) => error);
await using store = await openStore({ ...roots, ignoreChownErrors: true });
const layer = await store.layers.add(source());
const { uid, gid } = lstatSync(join(roots.graphRoot, 'overlay', layer.id, 'diff/theirs'));
const isSame = sha256(await readAll(store.layers.open(layer.id))) === sha256(archive);
const faults = await Array.fromAsync(store.check());
const told = (await Array.fromAsync(strict.check())).map(({ message }) => message);
console.log(
  JSON.stringify({
    refused: LadingError.from(refused).message,
    owner: [uid, gid],
    isSame,
    faults,
    strict: told,
  }),
);

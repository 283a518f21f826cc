// SPDX-License-Identifier: Apache-2.0
import { chownSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../src/index.ts';
import { addImage, testLayer } from './support.ts';

/** Makes containers with ids of the user namespace that this is root of; prints what it sees. */
const [root = ''] = process.argv.slice(2);
await using store = await openStore({ graphRoot: join(root, 'graph'), runRoot: join(root, 'run') });
const layer = await testLayer(async (folder) => {
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data/file'), 'text');
});
const image = await addImage(store, 'localhost/a:1', [layer]);
const made = await store.containers.create({ imageId: image.id, autoMaps: {} });
const again = await store.containers.create({ imageId: image.id, uidMap: made.uidMap, gidMap: made.gidMap });
const merged = await store.containers.mount(made.id);
const file = lstatSync(join(merged, 'data/file'));
if (file.uid !== made.uidMap[0]?.hostId) throw new Error(`the file belongs to ${file.uid}`);
writeFileSync(join(merged, 'new'), 'new');
chownSync(join(merged, 'new'), file.uid + 7, file.gid + 9);
const { uid, gid } = lstatSync(join(merged, 'new'));
const inside: string[] = [];
for await (const { kind, path } of store.containers.changes(made.id)) inside.push(`${kind} ${path}`);
chownSync(join(merged, 'new'), file.uid + 3, file.gid + 4);
const commit = await store.containers.commit(made.id);
const committed = lstatSync(join(root, 'graph/overlay', commit.id, 'diff/new'));
await store.layers.delete(commit.id);
const copies = (await store.images.find(image.id))?.mappedLayers.length;
const faults = (await Array.fromAsync(store.check())).map(({ message }) => message);
for (const { id } of [made, again]) await store.containers.delete(id);
console.log(
  JSON.stringify({
    map: made.uidMap,
    owner: [uid, gid],
    inside,
    committed: [committed.uid, committed.gid],
    copies,
    faults,
  }),
);

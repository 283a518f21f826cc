// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packFolder } from '@lading/layer';
import { openStore } from '../src/index.ts';

/** Makes, changes and commits a container, as who is root in a user namespace alone; prints what it sees. */
const [root = ''] = process.argv.slice(2);
const files = join(root, 'files');
mkdirSync(join(files, 'folder'), { recursive: true });
for (const name of ['folder/one', 'folder/two', 'gone']) writeFileSync(join(files, name), name);

await using store = await openStore({ graphRoot: join(root, 'graph'), runRoot: join(root, 'run') });
const layer = await store.layers.add(packFolder(files));
const made = await store.containers.create({ layer: layer.id });
const merged = await store.containers.mount(made.id);
rmSync(join(merged, 'gone'));
rmSync(join(merged, 'folder'), { recursive: true });
mkdirSync(join(merged, 'folder'));
writeFileSync(join(merged, 'folder/new'), 'new');
const changes: string[] = [];
for await (const { kind, path } of store.containers.changes(made.id)) changes.push(`${kind} ${path}`);
const committed = await store.containers.commit(made.id);
const second = await store.containers.create({ layer: committed.id });
const seen = await store.containers.mount(second.id);
const folder = readdirSync(join(seen, 'folder'));
const isGone = !existsSync(join(seen, 'gone'));
for (const { id } of await store.containers.list()) await store.containers.delete(id);
const faults = await Array.fromAsync(store.check());
console.log(JSON.stringify({ changes: changes.sort(), folder, isGone, faults }));

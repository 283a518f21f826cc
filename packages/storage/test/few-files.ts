// SPDX-License-Identifier: Apache-2.0
// Works on a store with fewer and fewer descriptors left, down to none: GRAPHROOT RUNROOT TAR. Prints the codes of the
// errors that it got, and `done`.
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { openStore } from '../src/index.ts';
import { chunksOf } from './support.ts';

const [graphRoot = '', runRoot = '', tar = ''] = process.argv.slice(2);
const bytes = readFileSync(tar);
const store = await openStore({ graphRoot, runRoot });
// What is loaded on first use is loaded before.
await store.layers.delete((await store.layers.add(chunksOf(bytes))).id);
await Array.fromAsync(store.check());

const taken: number[] = [];
const takeAll = (): void => {
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'));
    } catch {
      return;
    }
  }
};
const seen = new Set<string>();
for (let left = 0; left < 16; left += 1) {
  takeAll();
  for (const fd of taken.splice(0, left)) closeSync(fd);
  for (const work of [
    async () => store.layers.delete((await store.layers.add(chunksOf(bytes))).id),
    async () => store.containers.delete((await store.containers.create({})).id),
    async () => Array.fromAsync(store.check()),
  ]) {
    try {
      await work();
    } catch (error) {
      const { code, message } = LadingError.from(error);
      // A thread that cannot load its program says so in the words of Node's loader.
      const isPlain = code === Code.ResourceExhausted || message.includes('too many open files');
      seen.add(isPlain ? Code.ResourceExhausted : `${code}: ${message}`);
    }
  }
}
for (const fd of taken) closeSync(fd);
// The next writer removes what could not be removed.
await store.containers.create({});
for (const { id } of await store.containers.list()) await store.containers.delete(id);
for (const { id } of await store.layers.list()) await store.layers.delete(id);
process.stdout.write(`${[...seen].sort().join('\n')}\ndone\n`);

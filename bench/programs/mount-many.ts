// SPDX-License-Identifier: Apache-2.0
import { openStore } from '@lading/storage';
import { peakRssMb } from '../measure.ts';

/** Makes and mounts containers one after the other, and prints the median time of one. */
const [graphRoot = '', runRoot = '', name = ''] = process.argv.slice(2);
await using store = await openStore({ graphRoot, runRoot });
const timesMs: number[] = [];
for (let round = 0; round < 30; round += 1) {
  const fromMs = performance.now();
  const image = await store.images.find(name);
  if (image === undefined) throw new Error(`${name} is not in ${graphRoot}`);
  const { id } = await store.containers.create({ imageId: image.id });
  await store.containers.mount(id);
  timesMs.push(performance.now() - fromMs);
  await store.containers.delete(id);
}
timesMs.sort((a, b) => a - b);
console.log(JSON.stringify({ ms: timesMs[timesMs.length / 2], rssMb: peakRssMb(process.pid) }));

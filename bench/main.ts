// SPDX-License-Identifier: Apache-2.0
import { benchmarks } from './benchmarks.ts';
import { measure, table } from './measure.ts';

const [name, ...rest] = process.argv.slice(2);
const benchmark = name === undefined ? undefined : benchmarks[name];
if (benchmark === undefined || rest.length > 0) {
  console.error(`usage: npm run bench -- NAME\nwhere NAME is one of: ${Object.keys(benchmarks).join(', ')}`);
  process.exit(1);
}
if (process.getuid?.() !== 0) {
  console.error('Error: the benchmarks make containers; run them as root');
  process.exit(1);
}

await using started = await benchmark.start();
const results = [];
for (const race of started.races) {
  const result = await measure(race);
  console.log(`${table(result)}\n`);
  results.push(result);
}
const [first] = results;
const parts = results.flatMap(({ summaries }) => summaries);
console.log(JSON.stringify({ ...first?.summaries[0], name, ...(parts.length > 1 ? { parts } : {}) }));

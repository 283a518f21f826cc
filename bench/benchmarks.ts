// SPDX-License-Identifier: Apache-2.0
import { commitBenchmark } from './commit.ts';
import { copyBenchmark } from './copy.ts';
import type { Benchmark } from './measure.ts';
import { mountBenchmark } from './mount.ts';
import { pullBenchmark } from './pull.ts';
import { pushBenchmark } from './push.ts';
import { registryBenchmark } from './registry.ts';
import { runBenchmark } from './run.ts';

/** What `npm run bench -- NAME` knows. */
export const benchmarks: Readonly<Record<string, Benchmark>> = {
  run: runBenchmark,
  mount: mountBenchmark,
  pull: pullBenchmark,
  push: pushBenchmark,
  commit: commitBenchmark,
  copy: copyBenchmark,
  registry: registryBenchmark,
};

// SPDX-License-Identifier: Apache-2.0
import type { Options } from 'tsup';

/**
 * The one build of the house, run in each package's folder: ESM and declarations for the oldest Node that
 * the packages accept. Entries are a package's public face, its program, and what it starts as a thread.
 */
const config: Options = {
  entry: ['src/index.ts', 'src/main.ts', 'src/**/*.worker.ts'],
  format: ['esm'],
  target: 'node22',
  dts: { entry: ['src/index.ts'] },
  sourcemap: true,
  clean: true,
  silent: true,
};

export default config;

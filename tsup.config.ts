// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import type { Options } from 'tsup';

/**
 * The one build of the house, run in each package's folder: ESM and declarations for the oldest Node that
 * the packages accept. Entries are a package's public face, its program, the test suite of
 * its seams, and what it starts as a thread.
 */
const config: Options = {
  entry: [
    'src/index.ts',
    'src/layout.ts',
    'src/node.ts',
    'src/main.ts',
    'src/conformance.ts',
    'src/**/*.worker.ts',
  ],
  format: ['esm'],
  target: 'node22',
  dts: {
    entry: ['src/index.ts', 'src/layout.ts', 'src/node.ts', 'src/conformance.ts'].filter((file) =>
      existsSync(file),
    ),
  },
  sourcemap: true,
  clean: true,
  silent: true,
};

export default config;

// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import type { Options } from 'tsup';

/** What users import: a package's public face, what it is in a browser and in Node, a store, the tests of its seams. */
const faces = ['src/index.ts', 'src/browser.ts', 'src/layout.ts', 'src/node.ts', 'src/conformance.ts'];

/**
 * The one build of the house, run in each package's folder: ESM and declarations for the oldest Node that
 * the packages accept. Besides its faces a package is its program, and what it starts as a thread.
 */
const config: Options = {
  entry: [...faces, 'src/main.ts', 'src/**/*.worker.ts'],
  format: ['esm'],
  target: 'node22',
  dts: { entry: faces.filter((file) => existsSync(file)) },
  sourcemap: true,
  clean: true,
  silent: true,
};

export default config;

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { ViteUserConfig } from 'vitest/config';

const conditions = ['@lading/source', 'node', 'import', 'default'];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
} as const;
/** A busy machine is no failure. */
const patience = { expect: { poll: { timeout: 20_000 } } } as const;
/** What tests start from sources takes three times as long where Node compiles them anew each time. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/node') };

const config: ViteUserConfig = {
  test: {
    // Namespaces are changed on the main thread, so each file gets a process of its own.
    pool: 'forks',
    maxWorkers: 2,
    allowOnly: false,
    projects: [
      {
        ...shared,
        test: {
          ...patience,
          env,
          name: 'unit',
          include: ['{packages,apps}/*/src/**/*.test.ts', 'tools/**/*.unit.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        ...shared,
        test: {
          ...patience,
          env,
          name: 'integration',
          include: ['{packages,apps,examples}/*/test/**/*.test.ts'],
          exclude: ['**/test/{browser,vectors}/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        // Bundled as for a web page, run in headless Chromium.
        test: { name: 'browser', include: ['packages/*/test/browser/*.test.ts'], testTimeout: 60_000 },
      },
      {
        ...shared,
        // Against the OCI's own schemas and documents, which are not part of this repository.
        test: { name: 'vectors', include: ['packages/*/test/vectors/*.test.ts'], testTimeout: 120_000 },
      },
    ],
  },
};

export default config;

// SPDX-License-Identifier: Apache-2.0

// For authors of runtimes. Needs vitest.
export type { RuntimeFixture, RuntimeJob } from './conformance/runtime.ts';
export { runtimeConformance } from './conformance/runtime.ts';

// SPDX-License-Identifier: Apache-2.0

// For authors of stores. Needs vitest.
export type { DisposableStore } from './conformance/store.ts';
export { imageStoreConformance } from './conformance/store.ts';
// For authors of transports. Needs vitest.
export { transportConformance } from './conformance/transport.ts';

// SPDX-License-Identifier: Apache-2.0

// For authors of transports. Needs vitest.
export type { DestinationFixture } from './conformance/destination.ts';
export { destinationConformance } from './conformance/destination.ts';
export type { Place } from './conformance/pairs.ts';
export { pairConformance } from './conformance/pairs.ts';
export type { SourceFixture } from './conformance/source.ts';
export { sourceConformance } from './conformance/source.ts';
export type { TestImage, TestImageOptions } from './conformance/test-image.ts';
export { createMemorySource, inPieces, makeTestImage, makeTestIndex } from './conformance/test-image.ts';

// SPDX-License-Identifier: Apache-2.0

// For authors of transports. Needs vitest.
export { transportConformance } from './conformance/transport.ts';

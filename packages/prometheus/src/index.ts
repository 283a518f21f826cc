// SPDX-License-Identifier: Apache-2.0
export type { Counter, Family, Histogram, Labels } from './families.ts';
export { createCounter, createGauge, createHistogram, prometheusType } from './families.ts';

// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { goDuration } from './go-duration.ts';
import { humanSize } from './human-size.ts';

describe('a duration as Go prints it', () => {
  it.each([
    [0n, '0s'],
    [7n, '7ns'],
    [1_500n, '1.5µs'],
    [20_796_429n, '20.796429ms'],
    [1_000_000_000n, '1s'],
    [62_500_000_000n, '1m2.5s'],
    [7_200_000_000_000n, '2h0m0s'],
  ])('of %s ns is %s', (ns, text) => {
    expect(goDuration(ns)).toBe(text);
  });
});

describe('a size as podman prints it', () => {
  it.each([
    [0, '0B'],
    [999, '999B'],
    [1_997_952, '1.998MB'],
    [25_280_000_000, '25.28GB'],
    [393_200, '393.2kB'],
  ])('of %s bytes is %s', (bytes, text) => {
    expect(humanSize(bytes)).toBe(text);
  });
});

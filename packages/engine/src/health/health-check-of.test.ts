// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { healthCheckOf, healthCommand } from './health-check-of.ts';

const image = 'demo';

describe('healthCheckOf', () => {
  it('takes that of the image, in milliseconds', () => {
    const Healthcheck = {
      Test: ['CMD-SHELL', 'true'],
      Interval: 5e9,
      Timeout: 1e9,
      StartPeriod: 2e9,
      Retries: 4,
    };
    expect(healthCheckOf({ Healthcheck }, { image })).toEqual({
      test: ['CMD-SHELL', 'true'],
      intervalMs: 5000,
      timeoutMs: 1000,
      startPeriodMs: 2000,
      retries: 4,
    });
  });

  it('leaves out what an image has no sensible value for', () => {
    const Healthcheck = { Test: ['CMD', 'true'], Interval: 0, Timeout: -1, Retries: -5 };
    expect(healthCheckOf({ Healthcheck }, { image })).toEqual({ test: ['CMD', 'true'] });
  });

  it('is that of the options where there is one', () => {
    const healthCheck = { test: ['NONE'] };
    expect(healthCheckOf({ Healthcheck: { Test: ['CMD', 'true'] } }, { image, healthCheck })).toBe(
      healthCheck,
    );
  });

  it.each([undefined, {}, { Test: [] }])('is none for %o', (Healthcheck) => {
    expect(healthCheckOf(Healthcheck === undefined ? {} : { Healthcheck }, { image })).toBeUndefined();
  });
});

describe('healthCommand', () => {
  it.each([
    [
      ['CMD', 'test', '-e', '/a b'],
      ['test', '-e', '/a b'],
    ],
    [
      ['CMD-SHELL', 'echo a'],
      ['sh', '-c', 'echo a'],
    ],
    [
      ['curl', 'localhost'],
      ['curl', 'localhost'],
    ],
    [['NONE'], undefined],
    [['CMD'], undefined],
    [['CMD-SHELL', ''], undefined],
    [[], undefined],
  ])('of %o is %o', (test, expected) => {
    expect(healthCommand({ test })).toEqual(expected);
  });
});

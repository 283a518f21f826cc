// SPDX-License-Identifier: Apache-2.0

/** Two readings closer than this say little: the former rate is given again. */
const shortestNs = 1_000_000_000n;
/** A reading from longer ago is not compared with: its container may have been away. */
const longestNs = 600_000_000_000n;

interface Reading {
  readonly timeNs: bigint;
  readonly usageNs: bigint;
  readonly rate?: bigint;
}

/** Processor time a second, from two readings of a counter. */
export interface Rates {
  /** Undefined at the first reading, and when the counter began anew. */
  next(key: string, usageNs: bigint): bigint | undefined;
}

/** @param clockNs a clock that only goes forward */
export function createRates(clockNs: () => bigint): Rates {
  const readings = new Map<string, Reading>();
  let sweptNs = clockNs();
  return {
    next(key, usageNs) {
      const timeNs = clockNs();
      if (timeNs - sweptNs > longestNs) {
        sweptNs = timeNs;
        for (const [old, reading] of readings) {
          if (timeNs - reading.timeNs > longestNs) readings.delete(old);
        }
      }
      const before = readings.get(key);
      if (before === undefined || usageNs < before.usageNs || timeNs - before.timeNs > longestNs) {
        readings.set(key, { timeNs, usageNs });
        return undefined;
      }
      const passedNs = timeNs - before.timeNs;
      if (passedNs < shortestNs) return before.rate;
      const rate = ((usageNs - before.usageNs) * 1_000_000_000n) / passedNs;
      readings.set(key, { timeNs, usageNs, rate });
      return rate;
    },
  };
}

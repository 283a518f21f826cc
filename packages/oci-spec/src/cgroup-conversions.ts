// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/**
 * cpu.weight of cgroup v2 for cpu.shares of v1, by the curve that runc has since 1.3.2 and crun since 1.23:
 * 2 is 1, 1024 is 100, 262144 is 10000. 0 means unset in both.
 *
 * @example
 * ```ts
 * import { cpuSharesToWeight, cpuSharesToWeightLinear } from '@lading/oci-spec';
 *
 * console.log(cpuSharesToWeight(1024), cpuSharesToWeightLinear(1024)); // → 100 39
 * ```
 */
export function cpuSharesToWeight(shares: number): number {
  if (shares === 0) return 0;
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/**
 * cpu.weight for cpu.shares by the straight line of older runtimes: 2 is 1, 1024 is 39, which is less than the
 * 100 of a cgroup without a weight, 262144 is 10000. 0 means unset in both.
 */
export function cpuSharesToWeightLinear(shares: number): number {
  if (shares === 0) return 0;
  const inRange = Math.min(Math.max(shares, 2), 262_144);
  return 1 + Math.floor(((inRange - 2) * 9999) / 262_142);
}

/** io.weight of cgroup v2 (1 to 10000) for blkio.weight of v1 (10 to 1000). 0 means unset in both. */
export function blockIoWeightToIoWeight(weight: number): number {
  if (weight === 0) return 0;
  const inRange = Math.min(Math.max(weight, 10), 1000);
  return 1 + Math.floor(((inRange - 10) * 9999) / 990);
}

/**
 * Bytes of memory.swap.max of cgroup v2 for memory and swap together as the specification has them; -1 is no
 * limit, `undefined` leaves it as it is. Unlimited memory without a word on swap is unlimited swap, as on v1.
 *
 * @throws LadingError `invalid_argument` for swap without memory, and for swap below memory
 */
export function memorySwapToV2(
  swap: number | bigint | undefined,
  memory: number | bigint | undefined,
): bigint | undefined {
  const [both, limit] = [BigInt(swap ?? 0), BigInt(memory ?? 0)];
  if (both === 0n) return limit === -1n ? -1n : undefined;
  if (both < 0n) return -1n;
  if (limit < 0n) return both;
  if (limit === 0n) {
    throw new LadingError(
      Code.InvalidArgument,
      `a limit of ${both} bytes on memory and swap needs one on memory`,
    );
  }
  if (both < limit) {
    throw new LadingError(
      Code.InvalidArgument,
      `the limit of memory and swap together (${both}) is below that of memory (${limit})`,
    );
  }
  return both - limit;
}

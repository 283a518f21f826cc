// SPDX-License-Identifier: Apache-2.0

/**
 * The constants of SHA-2 are the first bits after the point of the roots of the first primes, so they are
 * computed here rather than typed: 64 bits each for SHA-512, of which SHA-256 takes the first 32.
 *
 * @see https://doi.org/10.6028/NIST.FIPS.180-4 sections 4.2 and 5.3
 */
interface Words {
  /** The first 32 bits of each. */
  readonly high: Int32Array;
  /** The next 32 bits of each. */
  readonly low: Int32Array;
}

const primes: readonly number[] = firstPrimes(80);

/** The first 32 bits of the cube roots of the first 80 primes. Doubles are exact enough, and there at once. */
export const roundConstants: Int32Array = Int32Array.from(primes, (prime) => Math.cbrt(prime) * 2 ** 32);

/** The first 32 bits of the square roots of the first 8 primes. */
export const initialState: Int32Array = Int32Array.from(
  primes.slice(0, 8),
  (prime) => Math.sqrt(prime) * 2 ** 32,
);

/** 64 bits of the cube roots: added in each round. */
export function longRoundConstants(): Words {
  return words(primes.map((prime) => root(BigInt(prime) << 192n, 3n)));
}

/** 64 bits of the square roots: the state that a hash begins with. */
export function longInitialState(): Words {
  return words(primes.slice(0, 8).map((prime) => root(BigInt(prime) << 128n, 2n)));
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The whole part of the root of this degree, by Newton's method from a double that is a little above it. */
function root(value: bigint, degree: bigint): bigint {
  let guess = BigInt(Math.ceil(Number(value) ** (1 / Number(degree)) * (1 + 1e-12)));
  for (;;) {
    const next = ((degree - 1n) * guess + value / guess ** (degree - 1n)) / degree;
    if (next >= guess) return guess;
    guess = next;
  }
}

function words(values: readonly bigint[]): Words {
  return {
    high: Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value >> 32n))),
    low: Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value))),
  };
}

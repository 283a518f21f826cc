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

const primes: readonly bigint[] = firstPrimes(80);

/** Of the cube roots of the first 80 primes: added in each round. */
export const roundConstants: Words = words(primes.map((prime) => root(prime << 192n, 3n)));

/** Of the square roots of the first 8 primes: the state that a hash begins with. */
export const initialState: Words = words(primes.slice(0, 8).map((prime) => root(prime << 128n, 2n)));

function firstPrimes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) if (found.every((prime) => n % prime !== 0n)) found.push(n);
  return found;
}

/** The whole part of the root of this degree, by Newton's method from above. */
function root(value: bigint, degree: bigint): bigint {
  let guess = 1n << 80n;
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

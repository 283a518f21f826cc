// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultLimits } from './limits.ts';
import { encodeHeader, type NewEntry } from './tar-encode.ts';
import type { TarEntry } from './tar-entry.ts';
import { createTarParser } from './tar-parser.ts';

const alphabet = Buffer.from('abc/abc/abcn');
/** Any bytes but NUL, mostly plain ones and slashes, from a number: cheaper than to choose each. */
function bytesFrom(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const random = state >>> 16;
    const isOdd = seed % 3 === 0 && random % 8 === 0;
    bytes[i] = isOdd ? 1 + (random % 255) : (alphabet[random % alphabet.length] ?? 1);
  }
  return bytes;
}
/** Around the lengths at which ustar cuts names. */
const bytes = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 12 }) },
      { weight: 1, arbitrary: fc.integer({ min: 96, max: 110 }) },
      { weight: 1, arbitrary: fc.integer({ min: 150, max: 270 }) },
    ),
    fc.nat(),
  )
  .map(([length, seed]) => bytesFrom(length, seed));
const around = (...edges: readonly number[]): fc.Arbitrary<number> =>
  fc.oneof(fc.nat(100_000), ...edges.map((edge) => fc.integer({ min: edge - 2, max: edge + 2 })));
const id = around(0o7777777, 0xffff_fffe - 2);
const key = fc.constantFrom('user.a', 'user.ü', 'security.capability', 'user.a b\n');
const value = fc.uint8Array({ maxLength: 20 }).map((list) => Buffer.from(list));

const entries: fc.Arbitrary<NewEntry> = fc
  .record({
    name: bytes,
    linkName: bytes,
    type: fc.constantFrom('file', 'link', 'symlink', 'char', 'block', 'directory', 'fifo'),
    mode: fc.nat(0o7777),
    uid: id,
    gid: id,
    size: around(0o77777777777, 2 ** 40),
    seconds: around(0o77777777777, 2 ** 33),
    below: fc.oneof(fc.constant(0), fc.nat(999_999_999)),
    major: fc.nat(0xfff),
    minor: fc.nat(0xfffff),
    xattrs: fc.array(fc.tuple(key, value), { maxLength: 2 }),
  })
  .map(({ seconds, below, xattrs, linkName, major, minor, size, ...entry }) => ({
    ...entry,
    size: entry.type === 'file' ? size : 0,
    mtimeNs: BigInt(Math.min(seconds, 9_000_000_000)) * 1_000_000_000n + BigInt(below),
    xattrs: new Map(xattrs),
    ...((entry.type === 'link' || entry.type === 'symlink') && { linkName }),
    ...((entry.type === 'char' || entry.type === 'block') && { major, minor }),
  }));

function parsed(headers: Buffer): TarEntry | undefined {
  let found: TarEntry | undefined;
  const listener = {
    onRaw() {},
    onContent() {},
    onEntryEnd() {},
    onGlobalHeader() {},
    onEntry: (entry: TarEntry) => {
      found = entry;
    },
  };
  createTarParser(listener, defaultLimits).push(headers);
  return found;
}

it('what is written of an entry is read again as the same entry', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(entries, (entry) => {
      const headers = encodeHeader(entry);
      const read = parsed(headers);
      if (read === undefined || headers.length % 512 !== 0) return false;
      return (
        read.name.equals(entry.name) &&
        read.linkName.equals(entry.linkName ?? Buffer.alloc(0)) &&
        read.type === entry.type &&
        read.mode === entry.mode &&
        read.uid === entry.uid &&
        read.gid === entry.gid &&
        read.size === entry.size &&
        read.mtimeNs === entry.mtimeNs &&
        read.major === (entry.major ?? 0) &&
        read.minor === (entry.minor ?? 0) &&
        read.xattrs.size === entry.xattrs?.size &&
        [...read.xattrs].every(([name, found]) => entry.xattrs?.get(name)?.equals(found))
      );
    }),
    { numRuns: 100_000 },
  );
});

it('a header needs no extension as long as ustar can say it', () => {
  const plain = {
    type: 'file',
    mode: 0o644,
    uid: 0o7777777,
    gid: 0,
    size: 0o77777777777,
    mtimeNs: 0n,
  } as const;
  const lengthOf = (change: Partial<NewEntry>): number =>
    encodeHeader({ ...plain, name: Buffer.from('a'), ...change }).length;
  expect(lengthOf({})).toBe(512);
  expect(lengthOf({ name: Buffer.from(`${'d/'.repeat(77)}e/${'n'.repeat(99)}`) })).toBe(512);
  expect(lengthOf({ mtimeNs: 0o77777777777n * 1_000_000_000n })).toBe(512);
  for (const change of [
    { name: Buffer.from('n'.repeat(101)) },
    { name: Buffer.from('ü') },
    { uid: 0o10000000 },
    { size: 2 ** 33 },
    { mtimeNs: 1n },
    { mtimeNs: 2n ** 33n * 1_000_000_000n },
  ])
    expect(lengthOf(change)).toBe(3 * 512);
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { entry, oldSparse, pax, tar } from '../test/tar-builder.ts';
import { defaultLimits } from './limits.ts';
import { createTarParser } from './tar-parser.ts';

const timeout = 120_000;

/** Parses; gives all bytes in the order in which they came out, or nothing when the archive was refused. */
function passedThrough(archive: Buffer, chunkBytes: number): Buffer | undefined {
  const seen: Buffer[] = [];
  let contentBytes = 0;
  let open = 0;
  const parser = createTarParser(
    {
      onRaw: (bytes) => seen.push(Buffer.from(bytes)),
      onEntry(found) {
        assert.equal(open, 0);
        open = 1;
        contentBytes = found.type === 'file' ? found.size : 0;
        assert.ok(!found.name.includes(0));
        assert.ok(found.uid >= 0);
        assert.ok(found.mtimeNs >= 0n);
      },
      onContent(bytes) {
        seen.push(Buffer.from(bytes));
        contentBytes -= bytes.length;
      },
      onEntryEnd() {
        assert.ok(open === 1 && contentBytes === 0);
        open = 0;
      },
      onGlobalHeader() {},
    },
    defaultLimits,
  );
  try {
    for (let at = 0; at < archive.length; at += chunkBytes)
      parser.push(archive.subarray(at, at + chunkBytes));
    parser.end();
  } catch (error) {
    if (!(error instanceof LadingError)) throw error;
    return undefined;
  }
  return Buffer.concat(seen);
}

const name = fc.oneof(
  fc.constantFrom('a', 'd/', '../x', '/etc/shadow', '.wh.x', ''),
  fc.string({ maxLength: 120 }),
);
const number = fc.oneof(
  fc.integer({ min: 0, max: 2000 }).map(String),
  fc.constantFrom('-1', '9'.repeat(20), 'x', ''),
);
const keys = [
  'path',
  'linkpath',
  'size',
  'uid',
  'mtime',
  'GNU.sparse.map',
  'GNU.sparse.numblocks',
  'GNU.sparse.major',
  'GNU.sparse.minor',
  'GNU.sparse.realsize',
  'SCHILY.xattr.user.a',
];
const part = fc.oneof(
  fc
    .record({
      name,
      type: fc.constantFrom('0', '\0', '1', '2', '3', '5', '6', '7', 'L', 'K', 'Q'),
      content: fc.nat(600).map((length) => 'x'.repeat(length)),
    })
    .map(entry),
  fc.dictionary(fc.constantFrom(...keys), fc.oneof(number, name)).map((records) => pax(records)),
  fc
    .record({
      name,
      realSize: fc.nat(5000),
      map: fc.array(fc.nat(600), { maxLength: 12 }),
      content: fc.string({ maxLength: 60 }),
    })
    .map(oldSparse),
  fc.constant(Buffer.alloc(512)),
);
const mutated = fc
  .tuple(
    fc.array(part, { maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
    fc.nat(),
  )
  .map(([parts, changes, cut]) => {
    const archive = Buffer.from(tar(...parts));
    for (const [at, byte] of changes) archive[at % archive.length] = byte;
    return cut % 4 === 0 ? archive.subarray(0, cut % archive.length) : archive;
  });

describe('any archive', () => {
  it(
    'of odd and garbled entries is refused with an error of ours, or every byte of it comes out once, in order',
    () => {
      fc.assert(
        fc.property(mutated, fc.integer({ min: 1, max: 3000 }), (archive, chunkBytes) => {
          const seen = passedThrough(archive, chunkBytes);
          if (seen !== undefined) assert.ok(seen.equals(archive));
        }),
        { numRuns: 100_000 },
      );
    },
    timeout,
  );
});

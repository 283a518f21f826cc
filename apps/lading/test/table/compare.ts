// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Both, createBoth, type Result } from './both.ts';
import type { Row } from './row.ts';

export interface CompareOptions {
  /** Rows run beside each other. Not for those that name images: podman forgets names that are given at once. */
  readonly parallel?: boolean;
}

/** Defines a test for each row: podman and lading are to do the same, but where the row says what differs and why. */
export function compareRows(
  about: string,
  rows: readonly Row[],
  { parallel = false }: CompareOptions = {},
): void {
  describe(`lading does as podman does: ${about}`, () => {
    let both: Both;
    beforeAll(async () => {
      both = await createBoth();
    });
    afterAll(async () => {
      await both[Symbol.asyncDispose]();
    });
    const define = parallel ? it.concurrent : it;
    for (const [index, row] of rows.entries()) define(row.name, () => compare(both, row, `row${index}`));
  });
}

async function compare(both: Both, row: Row, word: string): Promise<void> {
  const { podman, lading } = await both.run(row, word);
  const expected = podman.map((result, index) => {
    const different = row.differs?.lines[index];
    if (different === undefined) return comparable(row, result, index);
    const own = comparable(row, { ...result, ...different }, index);
    // A difference that is none any more is to be taken out of the table.
    expect(own, `podman does that too: ${result.line}`).not.toEqual(comparable(row, result, index));
    return own;
  });
  expect(lading.map((result, index) => comparable(row, result, index))).toEqual(expected);
}

function comparable({ ignored = [], unordered = [] }: Row, result: Result, index: number): Result {
  if (ignored.includes(index)) return { ...result, out: '' };
  if (unordered.includes(index)) return { ...result, out: result.out.split('\n').toSorted().join('\n') };
  return result;
}

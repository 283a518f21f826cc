// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from './result.ts';
import type { Different, Line, Row } from './row.ts';
import { runRow } from './run-row.ts';
import { openTools, type Tools } from './tools.ts';

export interface CompareOptions {
  /** Run once with each tool, for all rows; must end with 0. */
  readonly before?: readonly Line[];
  /** Rows run beside each other. Not for those that name images: podman forgets names that are given at once. */
  readonly parallel?: boolean;
}

/** Defines a test for each row: podman and lading are to do the same, but where the row says what differs and why. */
export function compareRows(
  family: string,
  rows: readonly Row[],
  { before, parallel = false }: CompareOptions = {},
): void {
  describe(`lading does as podman does: ${family}`, () => {
    let tools: Tools;
    beforeAll(async () => {
      tools = await openTools();
      await runBoth(tools, { name: 'before all', before, lines: [] }, 'all');
    });
    afterAll(() => tools[Symbol.asyncDispose]());
    const define = parallel ? it.concurrent : it;
    for (const [index, row] of rows.entries()) {
      define(row.name, async () => compare(row, await runBoth(tools, row, `row${index}`)));
    }
  });
}

type Pair = readonly [podman: readonly Result[], lading: readonly Result[]];

function runBoth(tools: Tools, row: Row, word: string): Promise<Pair> {
  return Promise.all([runRow(tools, tools.podman, row, word), runRow(tools, tools.lading, row, word)]);
}

function compare({ differs }: Row, [podman, lading]: Pair): void {
  const expected = podman.map((result, index) => {
    const different = differs?.lines[index];
    if (different === undefined) return result;
    const own = expectedOf(result, different);
    // A difference that is none any more is to be taken out of the table.
    expect(result, `podman does that too: ${result.line}`).not.toEqual(own);
    return own;
  });
  expect(lading).toEqual(expected);
}

function expectedOf(result: Result, { code = result.code, out = result.out, err = result.err }: Different) {
  return { ...result, code, err, out: typeof out === 'string' ? out : expect.stringMatching(out) };
}

// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Both, openBoth } from './both.ts';
import type { Row } from './row.ts';

/** Defines a test for each row. They share two stores and run one after another: a row leaves things as they were. */
export function compareRows(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    let both: Both;
    beforeAll(async () => {
      both = await openBoth();
    });
    afterAll(() => both[Symbol.asyncDispose]());

    it.each(rows.map((row, index) => ({ ...row, index })))('$name', async ({ index, ...row }) => {
      const [podman, lading] = await Promise.all([both.podman(row, index), both.lading(row, index)]);
      if (row.differs === undefined) return expect(lading).toEqual(podman);
      const { codes, out } = row.differs;
      expect(lading).not.toEqual(podman);
      expect(lading.map(({ code }) => code)).toEqual(codes);
      if (out !== undefined) expect(lading.map((answer) => answer.out).join('')).toMatch(out);
    });
  });
}

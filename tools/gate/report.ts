// SPDX-License-Identifier: Apache-2.0

/** What one part of the gate found. A part that failed says why in `faults`, a line each. */
export interface PartResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly faults: readonly string[];
}

export interface Part {
  readonly name: string;
  run(): Promise<PartResult>;
}

/** A part that is one check: it passes when there are no faults. */
export function check(name: string, find: () => Promise<readonly string[]> | readonly string[]): Part {
  return {
    name,
    async run() {
      const faults = await find();
      return { passed: faults.length === 0 ? 1 : 0, failed: faults.length === 0 ? 0 : 1, skipped: 0, faults };
    },
  };
}

/** A part of many cases, each by its name with the faults found. */
export function ofCases(
  cases: readonly { readonly name: string; readonly faults: readonly string[] }[],
): PartResult {
  const failed = cases.filter((one) => one.faults.length > 0);
  return {
    passed: cases.length - failed.length,
    failed: failed.length,
    skipped: 0,
    faults: failed.flatMap((one) => one.faults.map((fault) => `${one.name}: ${fault}`)),
  };
}

/** Runs a part and prints its line; a part that throws has failed. */
export async function runPart(part: Part): Promise<PartResult> {
  const from = performance.now();
  const result = await part.run().catch(
    (error: unknown): PartResult => ({
      passed: 0,
      failed: 1,
      skipped: 0,
      faults: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }),
  );
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  const mark = result.failed === 0 ? 'ok  ' : 'FAIL';
  console.log(`${mark} ${part.name}: ${result.passed} passed, ${result.failed} failed (${seconds} s)`);
  for (const fault of result.faults) console.log(`     ${fault.replaceAll('\n', '\n     ')}`);
  return result;
}

/** Runs parts that are in nobody's way, so many at once. */
export async function runParts(parts: readonly Part[], atOnce: number): Promise<readonly PartResult[]> {
  const queue = [...parts];
  const results: PartResult[] = [];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results.push(await runPart(next));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

export function total(results: readonly PartResult[]): PartResult {
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    results.reduce((all, one) => all + one[key], 0);
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    faults: results.flatMap((r) => r.faults),
  };
}

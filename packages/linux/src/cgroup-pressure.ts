// SPDX-License-Identifier: Apache-2.0

/** Share of time, in percent over 10, 60 and 300 seconds, and in all, that tasks have waited. */
export interface CgroupPressureLine {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalUs: bigint;
}

/** Pressure stall information of a resource: some tasks waited, or all of them. */
export interface CgroupPressure {
  readonly some?: CgroupPressureLine;
  readonly full?: CgroupPressureLine;
}

const line = /^(some|full) avg10=(\d+(?:\.\d+)?) avg60=(\d+(?:\.\d+)?) avg300=(\d+(?:\.\d+)?) total=(\d+)$/;

/** Reads a `*.pressure` file; undefined when nothing is measured. */
export function parsePressure(text: string | undefined): CgroupPressure | undefined {
  const lines = (text ?? '').split('\n').flatMap((row) => {
    const [, kind, avg10, avg60, avg300, total] = line.exec(row) ?? [];
    if (kind === undefined || total === undefined) return [];
    const measured: CgroupPressureLine = {
      avg10: Number(avg10),
      avg60: Number(avg60),
      avg300: Number(avg300),
      totalUs: BigInt(total),
    };
    return [[kind, measured] as const];
  });
  return lines.length === 0 ? undefined : Object.fromEntries(lines);
}

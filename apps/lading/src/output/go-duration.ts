// SPDX-License-Identifier: Apache-2.0

/** Nanoseconds as Go prints a duration: `0s`, `20.796429ms`, `1m2.5s`, `2h0m0s`. */
export function goDuration(ns: bigint): string {
  if (ns === 0n) return '0s';
  const second = 1_000_000_000n;
  if (ns < second) {
    const [unit, digits] =
      ns < 1000n ? (['ns', 0] as const) : ns < 1_000_000n ? (['µs', 3] as const) : (['ms', 6] as const);
    return `${decimal(ns, digits)}${unit}`;
  }
  const minutes = ns / (60n * second);
  const seconds = `${decimal(ns % (60n * second), 9)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, digits: number): string {
  const text = String(value).padStart(digits + 1, '0');
  const fraction = text.slice(text.length - digits).replace(/0+$/, '');
  return digits === 0
    ? text
    : `${text.slice(0, text.length - digits)}${fraction === '' ? '' : `.${fraction}`}`;
}

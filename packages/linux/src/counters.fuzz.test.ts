// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIoStat, parseThrottle } from './cgroup-io.ts';
import { parsePressure } from './cgroup-pressure.ts';
import { parseNetworkUsage } from './network-usage.ts';

const count = fc.nat(2 ** 31 - 1);
const counts = (length: number) => fc.array(count, { minLength: length, maxLength: length });
/** A text in which one character may be another. */
const mutated = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.nat(120), fc.constantFrom('', ' ', ':', '=', '\n', '-', '.', '9'))
    .map(([whole, at, other]) => `${whole.slice(0, at)}${other}${whole.slice(at + 1)}`);

const runs = { numRuns: 100_000 };
const timeoutMs = 120_000;

describe('files of counters', () => {
  it(
    'of interfaces: lines that are whole are read, and others give no numbers that are none',
    () => {
      const row = fc.tuple(fc.constantFrom('lo', 'eth0', 'eth0:1'), counts(16));
      const format = ([name, values]: readonly [string, readonly number[]]): string =>
        `${name}:${values.join(' ')}\n`;
      fc.assert(
        fc.property(row, fc.oneof(mutated(row.map(format)), fc.string()), (whole, other) => {
          const found = parseNetworkUsage(`${format(whole)}${other}`);
          const [first] = found;
          const [name, values] = whole;
          return (
            first?.name === name &&
            first.receivedBytes === BigInt(values[0] ?? -1) &&
            first.sendDrops === BigInt(values[11] ?? -1) &&
            found.every(({ name: _name, ...rest }) => Object.values(rest).every((value) => value >= 0n))
          );
        }),
        runs,
      );
    },
    timeoutMs,
  );

  it(
    'of devices: lines that are whole are read, and others give no numbers that are none',
    () => {
      const row = counts(6);
      const format = ([major, minor, r, w, ri, wi]: readonly number[]): string =>
        `${major}:${minor} rbytes=${r} wbytes=${w} rios=${ri} wios=${wi}\n`;
      fc.assert(
        fc.property(row, fc.oneof(mutated(row.map(format)), fc.string()), (whole, other) => {
          const found = parseIoStat(`${format(whole)}${other}`);
          const [first] = found;
          return (
            [first?.major, first?.minor].join() === whole.slice(0, 2).join() &&
            [...found, ...parseThrottle(other, other)].every((device) =>
              Object.values(device).every((value) => Number.isFinite(value) && value >= 0),
            )
          );
        }),
        runs,
      );
    },
    timeoutMs,
  );

  it(
    'of pressure: lines that are whole are read, and others give nothing',
    () => {
      const row = counts(4);
      const format = ([a = 0, b = 0, c = 0, total]: readonly number[]): string =>
        `some avg10=${(a % 10_000) / 100} avg60=${(b % 10_000) / 100} avg300=${(c % 10_000) / 100} total=${total}\n`;
      fc.assert(
        fc.property(row, fc.oneof(mutated(row.map(format)), fc.string()), (whole, other) => {
          const { some } = parsePressure(format(whole)) ?? {};
          const found = Object.values(parsePressure(other) ?? {});
          return (
            some?.totalUs === BigInt(whole[3] ?? -1) &&
            some.avg10 === ((whole[0] ?? 0) % 10_000) / 100 &&
            found.every(({ avg10, totalUs }) => totalUs >= 0n && avg10 >= 0)
          );
        }),
        runs,
      );
    },
    timeoutMs,
  );
});

it('a long row of digits is looked at once, not in every way to cut it', () => {
  expect(parseNetworkUsage(`eth0:${'9'.repeat(100_000)}`)).toEqual([]);
});

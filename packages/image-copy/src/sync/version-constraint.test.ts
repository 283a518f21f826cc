// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { compareVersions, parseVersion, type Version } from './version.ts';
import { parseVersionConstraint } from './version-constraint.ts';

function version(text: string): Version {
  const found = parseVersion(text);
  if (found === undefined) throw new Error(`${text} is no version`);
  return found;
}

describe('versions', () => {
  it('are ordered as semver.org orders them', () => {
    const sorted = [
      ...['0.0.1', '0.9', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2'],
      ...['1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.1', '1.10', '2', '18446744073709551615.0.0'],
    ];
    expect(sorted.toReversed().toSorted((a, b) => compareVersions(version(a), version(b)))).toEqual(sorted);
  });

  it.each([
    ['v1.2.3', '1.2.3'],
    ['1', '1.0.0'],
    ['1.2', '1.2.0'],
    ['01.02.003', '1.2.3'],
    ['1.2.3+build.5', '1.2.3'],
    ['1.2-rc1', '1.2.0-rc1'],
  ])('%s is read as %s', (text, same) => {
    expect(compareVersions(version(text), version(same))).toBe(0);
  });

  it.each([
    '',
    'latest',
    'V1.2.3',
    '1.2.3.4',
    '1.2.3-',
    '1.2.3-01',
    '1..3',
    '18446744073709551616.0.0',
    ' 1.2.3',
    `1.0.0-${'a'.repeat(300)}`,
  ])('%j is no version', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe('a constraint', () => {
  // Each row: the constraint, versions that it takes, versions that it does not take.
  const rows: [string, string, string][] = [
    ['1.2.3', '1.2.3 v1.2.3 1.2.3+x', '1.2.4 1.2.3-rc1'],
    ['=2.0.0', '2.0.0', '1.0.0 2.0.1'],
    ['= 2.0', '2.0.0 2.0.9', '2.1.0'],
    ['4.1', '4.1.0 4.1.7', '4.0.0 4.2.0 5.1.0'],
    ['2', '2.0.0 2.9.9', '1.9.9 3.0.0'],
    ['2.x', '2.0.0 2.9.9', '1.9.9 3.0.0'],
    ['1.X.3', '1.0.0 1.9.0', '2.0.0'],
    ['1.2.*', '1.2.0 1.2.9', '1.3.0'],
    ['*', '0.0.0 1.2.3 99.0.0', '1.0.0-rc1'],
    ['!=1.2.3', '1.2.4', '1.2.3 2.0.0-rc1'],
    ['!=4.x', '5.1.0 3.9.0', '4.1.0'],
    ['!=4.1', '4.2.0 5.1.0', '4.1.0 4.1.9'],
    ['!=*', '1.0.0', '0.0.0'],
    ['>1.2.3', '1.2.4 2.0.0', '1.2.3 1.0.0'],
    ['>11', '12.0.0', '11.0.0 11.1.0'],
    ['>11.1', '11.2.0 12.0.0', '11.1.0 11.1.1'],
    ['>= 3.12.0', '3.12.0 3.18.4 4.0.0', '3.11.9 3.13.0-rc1'],
    ['=>1.1', '1.1.0 2.0.0', '1.0.9'],
    ['<1.1', '1.0.9 0.1.0', '1.1.0 1.1.1'],
    ['<=11', '11.0.0 11.9.0', '12.0.0'],
    ['<=1.1', '1.1.0 1.1.9 0.9.0', '1.2.0 2.0.0'],
    ['=<1.1.1', '1.1.1', '1.1.2'],
    ['<=*', '0.0.9', '0.1.0 1.0.0'],
    ['~1.2.3', '1.2.3 1.2.9', '1.2.2 1.3.0'],
    ['~1.2', '1.2.0 1.2.9', '1.3.0'],
    ['~1', '1.0.0 1.9.9', '2.0.0 0.9.0'],
    ['~>1.2.3', '1.2.9', '1.3.0'],
    ['~0.0.0', '0.0.0 5.0.0', '5.0.0-rc1'],
    ['~0.0', '0.0.5', '0.1.0'],
    ['~*', '2.0.0', '2.0.0-rc1'],
    ['^1.2.3', '1.2.3 1.9.9', '1.2.2 2.0.0'],
    ['^1.2', '1.2.0 1.9.9', '1.1.9 2.0.0'],
    ['^1', '1.0.0 1.9.9', '2.0.0'],
    ['^0.2.3', '0.2.3 0.2.9', '0.2.2 0.3.0 1.0.0'],
    ['^0.2', '0.2.0 0.2.9', '0.3.0'],
    ['^0.0.3', '0.0.3', '0.0.4 0.1.0'],
    ['^0.0', '0.0.9', '0.1.0'],
    ['^0', '0.9.9', '1.0.0'],
    ['>=1.1, <2, !=1.2.3', '1.1.0 1.2.4', '1.2.3 2.0.0'],
    ['>= 1.1 < 2', '1.5.0', '2.0.0'],
    ['>=1.1,<2', '1.5.0', '2.0.0'],
    ['<1 || >=2.1', '0.9.0 2.1.0', '1.5.0 2.0.0'],
    ['1.1 - 2', '1.1.0 1.9.0 2.0.0 2.9.9', '1.0.0 3.0.0'],
    ['1.1.5 - 2.0.0', '1.1.5 2.0.0', '1.1.4 2.0.1'],
    ['>=1.0.0-0', '1.0.0-rc1 1.0.0 2.0.0-alpha', '0.9.0'],
    ['>=1.0.0-0, <2', '2.0.0-alpha 1.5.0', '2.0.0'],
    ['^1.1.0-alpha', '1.1.0-beta 1.5.0', '1.1.0-aaa 2.0.0'],
    ['<1 || >=1.0.0-beta', '1.0.0-rc1 0.9.0', '0.9.0-rc1 1.0.0-alpha'],
  ];
  it.each(rows)('%s takes %s and not %s', (constraint, taken, left) => {
    const holds = parseVersionConstraint(constraint);
    expect(taken.split(' ').filter((text) => !holds(version(text)))).toEqual([]);
    expect(left.split(' ').filter((text) => holds(version(text)))).toEqual([]);
  });

  it.each([
    '',
    ' ',
    'foo',
    '>=',
    '>=1<2',
    '1.2.3,',
    '1.2.3,,2',
    '||',
    '1 ||',
    '>>1',
    '1.2.3.4',
    '>= bar',
    '1.2.3 ~ 4 &',
    `>=${'1'.repeat(600)}`,
    Array.from({ length: 40 }, () => '1').join('||'),
  ])('%j is refused', (constraint) => {
    expect(() => parseVersionConstraint(constraint)).toThrow(/^improper constraint/);
  });
});

// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { FlagSpec } from '../spec.ts';
import { createFlags } from './flags.ts';
import { flagNames, parseFlags } from './parse-flags.ts';

const specs: readonly FlagSpec[] = [
  { name: 'all', short: 'a', kind: 'boolean', help: '' },
  { name: 'detach', short: 'd', kind: 'boolean', help: '' },
  { name: 'env', short: 'e', kind: 'strings', help: '' },
  { name: 'filter', short: 'f', kind: 'stringSlice', default: ['x'], help: '' },
  { name: 'last', short: 'n', kind: 'int', default: -1, help: '' },
  { name: 'name', kind: 'string', help: '' },
  { name: 'network', aliases: ['net'], kind: 'string', help: '' },
  { name: 'pull', kind: 'string', default: 'missing', optionalValue: 'always', help: '' },
  { name: 'publish', short: 'p', kind: 'stringSlice', help: '' },
  { name: 'time', short: 't', kind: 'uint', help: '' },
  { name: 'cpus', kind: 'float', help: '' },
  { name: 'wait', kind: 'duration', default: '10s', help: '' },
  { name: 'verbose', short: 'v', kind: 'count', help: '' },
];
const names = flagNames(specs);

function parsed(argv: readonly string[], interspersed = true) {
  const { given, args, help } = parseFlags(names, argv, { interspersed });
  return { given: Object.fromEntries(given), args, help };
}

describe('parseFlags reads what pflag reads', () => {
  const cases: [string, readonly string[], Record<string, unknown>, readonly string[]][] = [
    ['a long flag with =', ['--name=web'], { name: 'web' }, []],
    ['a long flag with the next word', ['--name', 'web'], { name: 'web' }, []],
    ['a value that looks like a flag', ['--name', '--all'], { name: '--all' }, []],
    ['an empty value', ['--name='], { name: '' }, []],
    ['a value with =', ['--name=a=b'], { name: 'a=b' }, []],
    ['the last of two values', ['--name', 'a', '--name', 'b'], { name: 'b' }, []],
    ['a boolean alone', ['--all', 'x'], { all: true }, ['x']],
    ['a boolean with =false', ['--all=false'], { all: false }, []],
    ['a boolean with =T', ['-a=T'], { all: true }, []],
    ['a word after a boolean as a word', ['--all', 'false'], { all: true }, ['false']],
    ['a cluster', ['-ad'], { all: true, detach: true }, []],
    ['a cluster that ends with a value', ['-adeA=1'], { all: true, detach: true, env: ['A=1'] }, []],
    [
      'a cluster whose value is the next word',
      ['-ade', 'A=1'],
      { all: true, detach: true, env: ['A=1'] },
      [],
    ],
    ['a short flag with =', ['-e=A=1'], { env: ['A=1'] }, []],
    ['a short flag with its value at once', ['-p8080:80'], { publish: ['8080:80'] }, []],
    ['a lone = as the value of a short flag', ['-e='], { env: ['='] }, []],
    ['repeated strings as they are', ['-e', 'A=1,2', '-e', 'B'], { env: ['A=1,2', 'B'] }, []],
    ['a string slice as CSV', ['-f', 'a,"b,c"', '-f', 'd'], { filter: ['a', 'b,c', 'd'] }, []],
    ['an empty string slice', ['-f', ''], { filter: [] }, []],
    ['a flag with an optional value, without it', ['--pull', 'never'], { pull: 'always' }, ['never']],
    ['a flag with an optional value, with it', ['--pull=never'], { pull: 'never' }, []],
    ['an alias', ['--net', 'none'], { network: 'none' }, []],
    ['a negative number', ['-n', '-3'], { last: -3 }, []],
    ['a hexadecimal number', ['-n=0x10'], { last: 16 }, []],
    ['an octal number', ['--last=017'], { last: 15 }, []],
    ['a float', ['--cpus', '.5'], { cpus: 0.5 }, []],
    ['a duration', ['--wait=1h1m1.5s'], { wait: 3_661_500 }, []],
    ['a count', ['-vv', '--verbose'], { verbose: 3 }, []],
    ['words between flags', ['x', '-a', 'y', '-d'], { all: true, detach: true }, ['x', 'y']],
    ['-- as the end', ['-a', '--', '-d', '--name'], { all: true }, ['-d', '--name']],
    ['- as a word', ['-', '-a'], { all: true }, ['-']],
    ['an empty word', [''], {}, ['']],
  ];
  it.each(cases)('%s', (_name, argv, given, args) => {
    expect(parsed(argv)).toEqual({ given, args, help: false });
  });

  it('stops at the first word when flags and words do not mix', () => {
    expect(parsed(['-a', 'image', '-d', '--', '--name=x'], false)).toEqual({
      given: { all: true },
      args: ['image', '-d', '--', '--name=x'],
      help: false,
    });
  });

  it.each([['--help'], ['-h'], ['-ah'], ['--help=x']])('takes %s for a call for help', (word) => {
    expect(parsed([word, '--nonsense']).help).toBe(true);
  });
});

describe('parseFlags refuses with the words of pflag', () => {
  const cases: [readonly string[], string][] = [
    [['--frob'], 'unknown flag: --frob'],
    [['--frob=1'], 'unknown flag: --frob'],
    [['--detahc'], 'unknown flag: --detahc; did you mean --detach?'],
    [['--hlep'], 'unknown flag: --hlep; did you mean --help?'],
    [['--verb=2'], 'unknown flag: --verb; did you mean --verbose?'],
    [['--al'], 'unknown flag: --al'],
    [['--__proto__'], 'unknown flag: --__proto__'],
    [['-Q'], "unknown shorthand flag: 'Q' in -Q"],
    [['-aQd'], "unknown shorthand flag: 'Q' in -Qd"],
    [['---x'], 'bad flag syntax: ---x'],
    [['--=x'], 'bad flag syntax: --=x'],
    [['--name'], 'flag needs an argument: --name'],
    [['-ae'], "flag needs an argument: 'e' in -e"],
    [
      ['-a=maybe'],
      'invalid argument "maybe" for "-a, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [
      ['--last', 'x'],
      'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      ['-t', '-1'],
      'invalid argument "-1" for "-t, --time" flag: strconv.ParseUint: parsing "-1": invalid syntax',
    ],
    [['--cpus=x'], 'invalid argument "x" for "--cpus" flag: strconv.ParseFloat: parsing "x": invalid syntax'],
    [
      ['-n=99999999999999999999'],
      'invalid argument "99999999999999999999" for "-n, --last" flag: strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ],
    [['--wait=5'], 'invalid argument "5" for "--wait" flag: time: missing unit in duration "5"'],
    [['--wait=5y'], 'invalid argument "5y" for "--wait" flag: time: unknown unit "y" in duration "5y"'],
    [['--wait=x'], 'invalid argument "x" for "--wait" flag: time: invalid duration "x"'],
    [
      ['--filter=a"b'],
      'invalid argument "a\\"b" for "-f, --filter" flag: parse error on line 1, column 2: bare " in non-quoted-field',
    ],
  ];
  it.each(cases)('%j', (argv, message) => {
    expect(() => parsed(argv)).toThrow(expect.objectContaining({ message, reason: 'USAGE' }));
  });
});

describe('Flags', () => {
  const flags = createFlags(specs, new Map([['name', 'web']]));

  it('gives defaults for what is not given', () => {
    expect([flags.int('last'), flags.strings('filter'), flags.durationMs('wait')]).toEqual([
      -1,
      ['x'],
      10_000,
    ]);
    expect([flags.boolean('all'), flags.string('network'), flags.strings('env')]).toEqual([
      false,
      undefined,
      [],
    ]);
  });

  it('knows what was given', () => {
    expect([flags.given('name'), flags.given('all')]).toEqual([true, false]);
  });

  it('refuses a flag that is not declared', () => {
    expect(() => flags.string('nope')).toThrow('declares no string flag --nope');
    expect(() => flags.boolean('name')).toThrow('declares no boolean flag --name');
  });
});

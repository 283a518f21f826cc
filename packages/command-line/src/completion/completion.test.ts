// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Environment } from '../environment.ts';
import { manPages } from '../man-pages.ts';
import type { ProgramSpec } from '../spec.ts';
import { completeWords } from './complete-words.ts';
import { formatCompletion } from './completion.ts';
import { completionScript } from './scripts.ts';
import { shells } from './shells.ts';

const environment: Environment = {
  stdin: (async function* () {})(),
  stdinIsTerminal: false,
  stdout: () => {},
  stderr: () => {
    throw new Error('completion is quiet');
  },
  stdoutIsTerminal: false,
  stderrIsTerminal: false,
  env: {},
  cwd: '/',
  signal: new AbortController().signal,
};

const program: ProgramSpec = {
  name: 'ship',
  version: '1.0.0',
  summary: 'Carries things',
  globalFlags: [{ name: 'root', kind: 'string', completes: 'folder', help: 'Where things are' }],
  exitCode: () => 1,
  commands: [
    {
      name: 'load',
      summary: 'Load a thing\nfor real',
      usage: 'load THING',
      flags: [
        { name: 'kind', short: 'k', kind: 'string', values: ['box', 'bag', 'barrel'], help: '.kind of it' },
        { name: 'fast', kind: 'boolean', help: 'Hurry' },
        { name: 'secret', kind: 'boolean', hidden: true, help: 'Not told' },
      ],
      complete: async () => ({
        complete: async ({ args, flags }, word) => {
          if (word === 'fail') throw new Error('no');
          const value = [...args, flags.string('kind') ?? '', word].join('/');
          return { candidates: [{ value, help: 'a thing' }], goesOn: true };
        },
      }),
    },
    {
      name: 'list',
      summary: 'List',
      usage: 'list',
      subcommands: [{ name: 'all', summary: 'All', usage: 'all' }],
    },
    { name: 'hide', summary: 'Hide', usage: 'hide', hidden: true },
  ],
};

const completion = 'completion\tPrint the script that completes command lines in a shell\n';

describe('a word goes on as', () => {
  it.each<[readonly string[], string]>([
    [[''], `${completion}list\tList\nload\tLoad a thing\n:4\n`],
    [['c'], `${completion}:4\n`],
    [['completion', ''], 'bash\nzsh\nfish\n:4\n'],
    [['completion', 'f'], 'fish\n:4\n'],
    [['completion', 'bash', ''], ':4\n'],
    [['lo'], 'load\tLoad a thing\n:4\n'],
    [['hi'], ':4\n'],
    [['list', ''], 'all\tAll\n:4\n'],
    [['nonsense', ''], ':4\n'],
    [
      ['load', '-'],
      '--fast\tHurry\n--help\tHelp for this command\n--kind\t.kind of it\n--root\tWhere things are\n:4\n',
    ],
    [['--ro'], '--root\tWhere things are\n:4\n'],
    [['--root', ''], ':16\n'],
    [['load', '--root=x'], ':16\n'],
    [['load', '--kind', 'b'], 'box\nbag\nbarrel\n:4\n'],
    [['load', '-k', 'ba'], 'bag\nbarrel\n:4\n'],
    [['load', '--kind=ba'], '--kind=bag\n--kind=barrel\n:4\n'],
    [['load', '--fast=t'], '--fast=true\n:4\n'],
    [['load', '--fast', 'x'], '//x\ta thing\n:6\n'.replace('//', '/')],
    [['load', 'a', '--kind=box', 'x'], 'a/box/x\ta thing\n:6\n'],
    [['load', '--', '--fa'], '/--fa\ta thing\n:6\n'],
    [['load', 'fail'], ':4\n'],
    [['load', '--wrong', 'x'], ':4\n'],
    [[], `${completion}list\tList\nload\tLoad a thing\n:4\n`],
  ])('%j', async (words, expected) => {
    expect(formatCompletion(await completeWords(program, words, environment))).toBe(expected);
  });
});

it('each shell has a script, with functions of its own name', () => {
  for (const shell of shells) {
    const script = completionScript('ship-it', shell);
    expect(script).toMatch(/_ship_it/);
    expect(script).not.toMatch(/NAME|PROGRAM/);
  }
});

it('the manual has a page for the program and for each command that is not hidden', () => {
  const pages = manPages(program);
  expect(pages.map(({ file }) => file)).toEqual([
    'ship.1',
    'ship-load.1',
    'ship-list.1',
    'ship-list-all.1',
    'ship-completion.1',
  ]);
  const text = pages[1]?.text ?? '';
  expect(text).toContain('.TP\n\\fB\\-k\\fR, \\fB\\-\\-kind\\fR \\fIstring\\fR\n\\&.kind of it\n');
  expect(text).not.toContain('secret');
});

// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import type { Environment } from './environment.ts';
import { runProgram } from './run-program.ts';
import type { CommandCall, CommandSpec, ProgramSpec } from './spec.ts';

const leaf = (name: string, more: Partial<CommandSpec> = {}): CommandSpec => ({
  name,
  summary: `The ${name} command`,
  usage: `${name} [options]`,
  load: async () => ({ run: async (call) => show(call) }),
  ...more,
});

async function show({ args, flags, environment, path }: CommandCall): Promise<number> {
  await environment.stdout(`${path.join(' ')}|${flags.string('root')}|${args.join(',')}\n`);
  return 7;
}

const program: ProgramSpec = {
  name: 'ship',
  version: '1.2.3',
  summary: 'Carries things',
  globalFlags: [{ name: 'root', kind: 'string', help: 'Where things are' }],
  exitCode: (error) => (error.code === Code.NotFound ? 1 : 125),
  commands: [
    leaf('ps', {
      flags: [
        { name: 'all', short: 'a', kind: 'boolean', help: 'Show all' },
        { name: 'last', short: 'n', kind: 'int', default: -1, help: 'Show the last' },
        { name: 'secret', kind: 'boolean', help: 'x', hidden: true },
      ],
      examples: ['ship ps -a'],
    }),
    leaf('run', { args: { min: 1 }, interspersed: false }),
    leaf('tag', { args: { min: 2, max: 2 } }),
    leaf('port', { args: { min: 1, max: 2 } }),
    leaf('maybe', { args: { min: 0, max: 1 } }),
    leaf('pick', { args: { min: 1, tooFew: 'pick needs a name' } }),
    leaf('inner', { hidden: true }),
    leaf('fail', {
      load: async () => ({
        run: async () => {
          throw new LadingError(Code.NotFound, 'no such\nthing \u001b[31mred');
        },
      }),
    }),
    {
      name: 'container',
      summary: 'Manage containers',
      usage: 'container [command]',
      subcommands: [leaf('list', { aliases: ['ls'] })],
    },
  ],
};

async function ship(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const environment: Environment = {
    stdin: (async function* () {})(),
    stdinIsTerminal: false,
    stdout: (data) => {
      out += data;
    },
    stderr: (data) => {
      err += data;
    },
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
  };
  return { code: await runProgram(program, argv, environment), out, err };
}

describe('runProgram', () => {
  const good: [readonly string[], string][] = [
    [['ps', '-a'], 'ship ps|undefined|'],
    [['--root', '/x', 'ps'], 'ship ps|/x|'],
    [['ps', '--root=/x', '-a'], 'ship ps|/x|'],
    [['run', 'image', '--root', '/y'], 'ship run|undefined|image,--root,/y'],
    [['--root', 'ps', 'run', 'a'], 'ship run|ps|a'],
    [['container', '--root', '/x', 'ls'], 'ship container list|/x|'],
    [['inner'], 'ship inner|undefined|'],
  ];
  it.each(good)('finds the command of %j and returns its code', async (argv, line) => {
    expect(await ship(...argv)).toEqual({ code: 7, out: `${line}\n`, err: '' });
  });

  const bad: [readonly string[], string][] = [
    [['frob'], "Error: unrecognized command `ship frob`\nTry 'ship --help' for more information\n"],
    [
      ['rnu'],
      "Error: unrecognized command `ship rnu`\n\nDid you mean this?\n\trun\n\nTry 'ship --help' for more information\n",
    ],
    [
      ['container', 'frob'],
      "Error: unrecognized command `ship container frob`\nTry 'ship container --help' for more information\n",
    ],
    [['ps', '--frob'], "Error: unknown flag: --frob\nSee 'ship ps --help'\n"],
    [['--frob', 'ps'], "Error: unknown flag: --frob\nSee 'ship ps --help'\n"],
    [['--root'], "Error: flag needs an argument: --root\nSee 'ship --help'\n"],
    [['ps', 'x'], 'Error: `ship ps` takes no arguments\n'],
    [['run'], 'Error: requires at least 1 arg(s), only received 0\n'],
    [['tag', 'a'], 'Error: accepts 2 arg(s), received 1\n'],
    [['tag', 'a', 'b', 'c'], 'Error: accepts 2 arg(s), received 3\n'],
    [['port', 'a', 'b', 'c'], 'Error: accepts between 1 and 2 arg(s), received 3\n'],
    [['maybe', 'a', 'b'], 'Error: accepts at most 1 arg(s), received 2\n'],
    [['pick'], 'Error: pick needs a name\n'],
  ];
  it.each(bad)('refuses %j', async (argv, err) => {
    expect(await ship(...argv)).toEqual({ code: 125, out: '', err });
  });

  it('prints a failure as one line without control characters, and asks the program for the code', async () => {
    expect(await ship('fail')).toEqual({ code: 1, out: '', err: 'Error: no such thing \\x1b[31mred\n' });
  });

  it('shows its help when no command is given', async () => {
    const { code, out, err } = await ship();
    expect({ code, err }).toEqual({ code: 125, err: "Error: missing command 'ship COMMAND'\n" });
    expect(out).toContain(
      'Available Commands:\n  completion  Print the script that completes command lines in a shell\n  container   Manage containers\n',
    );
    expect(out).not.toContain('inner');
  });

  it('prints the version', async () => {
    expect((await ship('--version')).out).toBe('ship version 1.2.3\n');
    expect((await ship('-v')).out).toBe('ship version 1.2.3\n');
  });

  it('prints help in the shape of podman', async () => {
    const help = [
      'The ps command',
      '',
      'Description:',
      '  The ps command',
      '',
      'Usage:',
      '  ship ps [options]',
      '',
      'Examples:',
      '  ship ps -a',
      '',
      'Options:',
      '  -a, --all        Show all',
      '  -n, --last int   Show the last (default -1)',
      '',
    ].join('\n');
    for (const argv of [
      ['ps', '--help'],
      ['ps', '-h'],
      ['help', 'ps'],
    ]) {
      expect(await ship(...argv)).toEqual({ code: 0, out: help, err: '' });
    }
    expect((await ship('container', 'ls', '--help')).out).toContain('Aliases:\n  list, ls\n');
    expect((await ship('help', 'container', 'list')).out).toContain('  ship container list [options]\n');
  });

  it('names an unknown help topic', async () => {
    expect(await ship('help', 'frob')).toMatchObject({ code: 0, err: 'Unknown help topic [`frob`]\n' });
  });
});

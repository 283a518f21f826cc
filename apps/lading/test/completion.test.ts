// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { meaningOf } from '../src/completion/usage-words.ts';
import { withCompletion } from '../src/completion/with-completion.ts';
import { createProgram } from '../src/program.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  const run = `run -d --network none --tls-verify=false --pull missing`;
  for (const line of [
    `${run} --name on ${world.image} sleep 1000`,
    `${run} --name frozen ${world.image} sleep 1000`,
    'pause frozen',
    `create --name off ${world.image}`,
    `tag ${world.image} localhost/mine:one`,
    'volume create box',
    'pod create --name peas',
  ])
    expect(await world.lading(line)).toMatchObject({ code: 0 });
  expect(await world.lading('secret create word -', 'psst')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await world?.lading('unpause frozen');
  await world?.lading('pod rm -f -a');
  await world?.[Symbol.asyncDispose]();
});

/** The words offered, and cobra's bits after a colon. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { code, out, err } = await world.lading(['__complete', ...words]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.trimEnd().split('\n');
  return lines.map((line) => line.split('\t')[0] ?? '').toSorted();
}

describe('completion of names', () => {
  it.each([
    ['rm', [':4', 'frozen', 'off', 'on']],
    ['container rm', [':4', 'frozen', 'off', 'on']],
    ['rm off', [':4', 'frozen', 'on']],
    ['stop', [':4', 'frozen', 'on']],
    ['exec', [':4', 'on']],
    ['exec on', [':4']],
    ['unpause', [':4', 'frozen']],
    ['start', [':4', 'off']],
    ['cp', [':2', 'frozen:', 'off:', 'on:']],
    ['rename on', [':4']],
    ['volume rm', [':4', 'box']],
    ['network rm', [':4', 'test']],
    ['network connect test', [':4', 'frozen', 'off', 'on']],
    ['pod rm', [':4', 'peas']],
    ['secret rm', [':4', 'word']],
    ['volume create', [':4']],
  ])('lading %s', async (line, names) => {
    expect(await offered(...line.split(' '), '')).toEqual(names);
  });

  it('offers images by their names, and without localhost', async () => {
    expect(await offered('rmi', '')).toEqual(
      [':4', world.image, 'localhost/mine:one', 'mine:one']
        .map((name) => (name === world.image ? `${name}:latest` : name))
        .toSorted(),
    );
    expect(await offered('run', 'mi')).toEqual([':4', 'mine:one']);
  });

  it('offers all that inspect knows, and ids that are begun', async () => {
    const all = await offered('inspect', '');
    expect(all).toEqual(expect.arrayContaining(['on', 'peas', 'box', 'test', 'mine:one']));
    const id = (await world.lading('inspect --format {{.Id}} on')).out.trim();
    expect(await offered('rm', id.slice(0, 8))).toEqual([id.slice(0, 12), ':4'].toSorted());
  });

  it('offers the values that a flag takes, files and folders', async () => {
    expect(await offered('run', '--restart', 'o')).toEqual([':4', 'on-failure']);
    expect(await offered('kill', '-s', 'TER')).toEqual([':4', 'TERM']);
    expect(await offered('run', '--pull=n')).toEqual(['--pull=never', '--pull=newer', ':4']);
    expect(await offered('run', '--env-file', '')).toEqual([':0']);
    expect(await offered('--root', '')).toEqual([':16']);
  });

  it('offers what a flag names', async () => {
    expect(await offered('run', '--network', '')).toEqual([':4', 'test']);
    expect(await offered('run', '--rm', '--pod=pe')).toEqual(['--pod=peas', ':4']);
    expect(await offered('create', '--secret', '')).toEqual([':4', 'word']);
    expect(await offered('run', '--volumes-from', 'o')).toEqual([':4', 'off', 'on']);
  });

  it('offers the keys of filters, and no space after them', async () => {
    expect(await offered('ps', '--filter', 'st')).toEqual([':6', 'status=']);
    expect(await offered('volume', 'ls', '--filter=dr')).toEqual(['--filter=driver=', ':6']);
  });
});

type Visit = (command: CommandSpec, line: string) => void;

function visit(commands: readonly CommandSpec[], each: Visit, path = ''): void {
  for (const command of commands) {
    const line = `${path}${command.name}`;
    visit(command.subcommands ?? [], each, `${line} `);
    each(command, line);
  }
}

it('every command knows what each of its words names, or that it is a name to be made up', () => {
  const unknown: string[] = [];
  visit(createProgram({}).commands, (command, line) => {
    if (command.subcommands !== undefined || command.args === undefined || command.args.max === 0) return;
    const { kinds, isFile } = meaningOf(command, 0);
    if (kinds.length === 0 && !isFile && command.complete === undefined) unknown.push(line);
  });
  expect(unknown.toSorted()).toEqual([
    'image search',
    'image trust set',
    'image trust show',
    'login',
    'logout',
    'network create',
    'pod create',
    'search',
    'secret create',
    'volume create',
  ]);
});

it('every flag for filters has keys, and every one for files says so', () => {
  visit(withCompletion(createProgram({})).commands, ({ flags = [] }, line) => {
    for (const { name, kind, values, completes } of flags) {
      if (name === 'filter') expect(values?.length, line).toBeGreaterThan(0);
      else if (/file$|-dir$/.test(name) && kind !== 'boolean') {
        expect(completes, `${line} --${name}`).toMatch(/^fi|^fo/);
      }
    }
  });
});

// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';
import { createProgram } from '../../../src/program.ts';
import type { Row } from '../row.ts';

interface Command {
  /** `container stop` */
  readonly path: string;
  readonly spec: CommandSpec;
}

function commandsOf(specs: readonly CommandSpec[], before = ''): Command[] {
  return specs
    .filter(({ hidden }) => hidden !== true)
    .flatMap((spec) => [
      { path: `${before}${spec.name}`, spec },
      ...commandsOf(spec.subcommands ?? [], `${before}${spec.name} `),
    ]);
}

const commands = commandsOf(createProgram({}).commands);
const leaves = commands.filter(({ spec }) => spec.subcommands === undefined);

/** Commands that podman 4.3 does not have. */
const newer = new Map([
  ['system check', { reason: 'podman has it since 5.0', lines: { 0: { out: 'system check [options]' } } }],
  ['system events', { reason: 'later podmans have it', lines: { 0: { out: 'system events [options]' } } }],
  ['secret exists', { reason: 'podman has it since 4.5', lines: { 0: { out: 'secret exists SECRET' } } }],
]);

/** They fetch an image that is not there, from a registry that the name does not say. */
const makesOne = new Set(['create', 'run', 'pull']);

/** Every command line that is wrong in one way, for every command that lading has. */
export const mistakeRows: readonly Row[] = [
  ...leaves.map(({ path }): Row => ({ name: `${path} with an unknown flag`, lines: [`${path} --nosuch`] })),
  ...commands
    .filter(({ spec }) => spec.subcommands !== undefined)
    .map(
      ({ path }): Row => ({
        name: `${path} with an unknown command`,
        lines: [`${path} nosuch`, `${path} --nosuch`],
      }),
    ),
  ...leaves
    .filter(({ spec }) => /^[^[]+(\[options\])? [A-Z]/.test(spec.usage))
    .map(({ path }): Row => ({ name: `${path} without a word`, lines: [path] })),
  ...leaves.flatMap(({ path, spec }): Row[] => {
    const max = spec.args === undefined ? 0 : spec.args.max;
    if (max === undefined) return [];
    return [{ name: `${path} with a word too many`, lines: [`${path}${' nosuch'.repeat(max + 1)}`] }];
  }),
  ...leaves
    .filter(
      ({ spec }) =>
        /(CONTAINER|IMAGE|POD|VOLUME|NETWORK|SECRET)\b/.test(spec.usage) && !makesOne.has(spec.name),
    )
    .map(
      ({ path, spec }): Row => ({
        name: `${path} of what is not there`,
        lines: [`${path}${' nosuch'.repeat(Math.max(1, spec.args?.min ?? 1))}`],
        differs: newer.has(path)
          ? { reason: 'podman 4.3 lacks the command', lines: { 0: { code: 1, err: 'nothing' } } }
          : undefined,
      }),
    ),
  ...commands.map(
    ({ path }): Row => ({
      name: `${path} --help`,
      lines: [`${path} --help`],
      only: /(?<=Usage:\n {2}\w+ ).*/,
      differs: newer.get(path),
    }),
  ),
];

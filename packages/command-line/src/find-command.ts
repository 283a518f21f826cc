// SPDX-License-Identifier: Apache-2.0
import { type FlagNames, flagNames, impliedValue } from './flags/parse-flags.ts';
import type { CommandSpec, FlagSpec, ProgramSpec } from './spec.ts';

/** The command that a command line names. */
export interface FoundCommand {
  /** Undefined: the program itself. */
  readonly command: CommandSpec | undefined;
  /** The names on the way, the program's first. */
  readonly path: readonly string[];
  /** All words that are not command names, flags included, in order. */
  readonly rest: readonly string[];
}

/** Walks down the tree of commands; flags of the program may stand anywhere between the command words. */
export function findCommand(program: ProgramSpec, argv: readonly string[]): FoundCommand {
  let command: CommandSpec | undefined;
  const path = [program.name];
  let rest = argv;
  for (;;) {
    const children = command === undefined ? program.commands : (command.subcommands ?? []);
    if (children.length === 0) return { command, path, rest };
    const names = flagNames([...(program.globalFlags ?? []), ...(command?.flags ?? [])]);
    const index = firstWord(names, rest);
    const word = index === -1 ? undefined : rest[index];
    const child = word === undefined ? undefined : findByName(children, word);
    if (child === undefined) return { command, path, rest };
    rest = rest.toSpliced(index, 1);
    path.push(child.name);
    command = child;
  }
}

/** By name or alias. */
function findByName(commands: readonly CommandSpec[], word: string): CommandSpec | undefined {
  return commands.find((command) => command.name === word || command.aliases?.includes(word) === true);
}

/** Index of the first word that is neither a flag nor the value of one, -1 when there is none. */
export function firstWord(names: FlagNames, argv: readonly string[]): number {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '--') return -1;
    if (!word.startsWith('-') || word === '-') return index;
    if (takesNext(names, word)) index++;
  }
  return -1;
}

function takesNext(names: FlagNames, word: string): boolean {
  if (word.includes('=')) return false;
  let spec: FlagSpec | undefined;
  if (word.startsWith('--')) spec = names.long.get(word.slice(2));
  else if (word.length === 2) spec = names.short.get(word.slice(1));
  return spec !== undefined && impliedValue(spec) === undefined;
}

// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '../environment.ts';
import { type FoundCommand, findCommand, firstWord } from '../find-command.ts';
import { createFlags } from '../flags/flags.ts';
import { flagNames, impliedValue, parseFlags } from '../flags/parse-flags.ts';
import type { CommandSpec, FlagSpec, ProgramSpec } from '../spec.ts';
import { visibleByName } from '../visible.ts';
import { type Completion, nothing } from './completion.ts';
import { withCompletion } from './with-completion.ts';

/**
 * What the last of the words after a program's name may go on as: commands, flags, values of flags, and what
 * commands complete themselves. Never fails: a shell has no use for an error.
 */
export async function completeWords(
  own: ProgramSpec,
  words: readonly string[],
  environment: Environment,
): Promise<Completion> {
  const program = withCompletion(own);
  const before = words.slice(0, -1);
  const word = words.at(-1) ?? '';
  const found = findCommand(program, before);
  const specs = [...(program.globalFlags ?? []), ...(found.command?.flags ?? [])];
  const flagsEnded = before.includes('--');
  if (!flagsEnded) {
    const open = flagAwaitingValue(specs, before.at(-1));
    if (open !== undefined) return value(open, word, '', found.rest.slice(0, -1));
    const [, name, typed] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    const spec = name === undefined ? undefined : flagNames(specs).long.get(name);
    if (spec !== undefined) return value(spec, typed ?? '', `--${name}=`, found.rest);
    if (word.startsWith('-')) return flagCandidates(specs, word);
  }
  const children = found.command === undefined ? program.commands : (found.command.subcommands ?? []);
  // A word that is no command leads nowhere.
  if (children.length > 0 && firstWord(flagNames(specs), found.rest) !== -1) return nothing;
  const names = commandCandidates(children, word);
  if (found.command?.complete === undefined || names.candidates.length > 0) return names;
  return ask(found.command.complete, found, specs, word, environment);

  /** `rest` are the words before, without the flag. */
  async function value(
    flag: FlagSpec,
    typed: string,
    prefix: string,
    rest: readonly string[],
  ): Promise<Completion> {
    if (flag.complete === undefined) return flagValue(flag, typed, prefix);
    const { candidates, ...how } = await ask(flag.complete, { ...found, rest }, specs, typed, environment);
    return { ...how, candidates: candidates.map((one) => ({ ...one, value: `${prefix}${one.value}` })) };
  }
}

type Complete = CommandSpec['complete'];

async function ask(
  complete: Complete,
  { path, rest, command }: FoundCommand,
  specs: readonly FlagSpec[],
  word: string,
  environment: Environment,
): Promise<Completion> {
  if (command === undefined) return nothing;
  try {
    const { given, args } = parseFlags(flagNames(specs), rest);
    const loaded = await complete?.();
    const flags = createFlags(specs, given);
    const words = [...path, ...rest];
    return (await loaded?.complete({ args, flags, environment, command, path, words }, word)) ?? nothing;
  } catch {
    return nothing;
  }
}

function flagAwaitingValue(specs: readonly FlagSpec[], word: string | undefined): FlagSpec | undefined {
  if (word === undefined || word.includes('=')) return undefined;
  const names = flagNames(specs);
  const spec = word.startsWith('--') ? names.long.get(word.slice(2)) : undefined;
  const short = /^-[^-]$/.test(word) ? names.short.get(word.slice(1)) : undefined;
  const flag = spec ?? short;
  return flag !== undefined && impliedValue(flag) === undefined ? flag : undefined;
}

function flagValue(flag: FlagSpec, typed: string, prefix: string): Completion {
  const values = flag.values ?? (flag.kind === 'boolean' ? ['true', 'false'] : []);
  const candidates = values
    .filter((value) => value.startsWith(typed))
    .map((value) => ({ value: `${prefix}${value}` }));
  // KEY= wants a value right after it.
  const goesOn = candidates.some(({ value }) => value.endsWith('='));
  return { candidates, goesOn, otherwise: flag.completes };
}

function flagCandidates(specs: readonly FlagSpec[], word: string): Completion {
  const visible = specs.filter(({ hidden }) => hidden !== true);
  const unique = [...new Map(visible.map((flag) => [flag.name, flag])).values()];
  const all = [
    ...unique.map(({ name, help }) => ({ value: `--${name}`, help })),
    { value: '--help', help: 'Help for this command' },
  ].toSorted((a, b) => (a.value < b.value ? -1 : 1));
  return { candidates: all.filter(({ value }) => value.startsWith(word)) };
}

function commandCandidates(commands: readonly CommandSpec[], word: string): Completion {
  const names = visibleByName(commands).map(({ name, summary }) => ({ value: name, help: summary }));
  return { candidates: names.filter(({ value }) => value.startsWith(word)) };
}

// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { withCompletion } from './completion/with-completion.ts';
import type { Environment } from './environment.ts';
import { type FoundCommand, findCommand, firstWord } from './find-command.ts';
import { createFlags } from './flags/flags.ts';
import { flagNames, parseFlags } from './flags/parse-flags.ts';
import { commandHelp, programHelp } from './help.ts';
import { singleLine } from './single-line.ts';
import type { ArgumentCount, CommandSpec, FlagSpec, ProgramSpec } from './spec.ts';
import { suggestCommands } from './suggest.ts';
import { usageError } from './usage-error.ts';

/**
 * Runs a program on the words after its name and resolves to its exit code. Never rejects: a failure is
 * printed on stderr (`Error: …`) and turned into a code by `program.exitCode`.
 */
export async function runProgram(
  program: ProgramSpec,
  argv: readonly string[],
  environment: Environment,
): Promise<number> {
  try {
    return await run(program, argv, environment);
  } catch (reason) {
    const error = LadingError.from(reason);
    const text = program.formatError?.(error) ?? `Error: ${singleLine(error.message)}`;
    const hint = error.reason === 'USAGE' ? error.details?.hint : undefined;
    await environment.stderr(`${text}\n${typeof hint === 'string' ? `${hint}\n` : ''}`);
    return program.exitCode(error);
  }
}

async function run(own: ProgramSpec, argv: readonly string[], environment: Environment): Promise<number> {
  const [first, ...words] = argv;
  // What the scripts of the shells call.
  if (first === '__complete') {
    const [{ completeWords }, { formatCompletion }] = await Promise.all([
      import('./completion/complete-words.ts'),
      import('./completion/completion.ts'),
    ]);
    await environment.stdout(formatCompletion(await completeWords(own, words, environment)));
    return 0;
  }
  const program = withCompletion(own);
  const found = findCommand(program, argv);
  if (found.command === undefined) return runRoot(program, found, environment);
  const { command, path } = found;
  const specs = [...(program.globalFlags ?? []), ...(command.flags ?? [])];
  const { given, args, help } = parse(path, specs, found.rest, command.interspersed);
  if (help) {
    await environment.stdout(commandHelp(path, command));
    return 0;
  }
  if (command.load === undefined) return missingCommand(path, command, args, environment);
  checkArguments(path, command.args ?? { min: 0, max: 0 }, args.length);
  const { run } = await command.load();
  const flags = createFlags(specs, given);
  return run({ args, flags, environment, command, path, words: [own.name, ...argv] });
}

async function runRoot(program: ProgramSpec, found: FoundCommand, environment: Environment): Promise<number> {
  const versionFlag: FlagSpec = { name: 'version', short: 'v', kind: 'boolean', help: '' };
  const specs = [versionFlag, ...(program.globalFlags ?? [])];
  const word = found.rest[firstWord(flagNames(specs), found.rest)];
  if (word === 'help') return runHelp(program, found.rest, environment);
  const { given, args, help } = parse(found.path, specs, found.rest);
  if (help) {
    await environment.stdout(programHelp(program));
    return 0;
  }
  if (given.get('version') === true) {
    await environment.stdout(`${program.name} version ${program.version}\n`);
    return 0;
  }
  if (args.length > 0) throw unknownCommand(found.path, program.commands, args[0] ?? '');
  await environment.stdout(`${programHelp(program)}\n`);
  throw usageError(`missing command '${program.name} COMMAND'`);
}

/** `help`, `help run`, `help container ls`. */
async function runHelp(
  program: ProgramSpec,
  rest: readonly string[],
  environment: Environment,
): Promise<number> {
  const topic = rest.filter((word) => !word.startsWith('-')).slice(1);
  const { command, path, rest: unknown } = findCommand(program, topic);
  if (unknown.length > 0) {
    await environment.stderr(`Unknown help topic [\`${singleLine(topic.join(' '))}\`]\n`);
    await environment.stdout(programHelp(program));
    return 0;
  }
  await environment.stdout(command === undefined ? programHelp(program) : commandHelp(path, command));
  return 0;
}

function parse(
  path: readonly string[],
  specs: readonly FlagSpec[],
  words: readonly string[],
  interspersed?: boolean,
): ReturnType<typeof parseFlags> {
  try {
    return parseFlags(flagNames(specs), words, interspersed === undefined ? {} : { interspersed });
  } catch (reason) {
    const error = LadingError.from(reason);
    if (error.reason !== 'USAGE') throw error;
    throw usageError(error.message, `See '${path.join(' ')} --help'`);
  }
}

async function missingCommand(
  path: readonly string[],
  command: CommandSpec,
  args: readonly string[],
  environment: Environment,
): Promise<never> {
  if (args.length > 0) throw unknownCommand(path, command.subcommands ?? [], args[0] ?? '');
  await environment.stdout(`${commandHelp(path, command)}\n`);
  throw usageError(`missing command '${path.join(' ')} COMMAND'`);
}

function unknownCommand(
  path: readonly string[],
  commands: readonly CommandSpec[],
  word: string,
): LadingError {
  const near = suggestCommands(commands, word);
  const meant =
    near.length === 0 ? '' : `\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join('')}\n`;
  return usageError(
    `unrecognized command \`${path.join(' ')} ${word}\``,
    `${meant}Try '${path.join(' ')} --help' for more information`,
  );
}

function checkArguments(path: readonly string[], { min, max, tooFew }: ArgumentCount, count: number): void {
  if (count >= min && (max === undefined || count <= max)) return;
  if (count < min && tooFew !== undefined) throw usageError(tooFew);
  if (max === 0) throw usageError(`\`${path.join(' ')}\` takes no arguments`);
  if (max === undefined) throw usageError(`requires at least ${min} arg(s), only received ${count}`);
  if (min === max) throw usageError(`accepts ${max} arg(s), received ${count}`);
  if (min === 0) throw usageError(`accepts at most ${max} arg(s), received ${count}`);
  throw usageError(`accepts between ${min} and ${max} arg(s), received ${count}`);
}

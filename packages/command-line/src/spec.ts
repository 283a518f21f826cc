// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';
import type { CompleteArgument } from './completion/completion.ts';
import type { Environment } from './environment.ts';
import type { Flags } from './flags/flags.ts';

/**
 * What a flag takes:
 * - `boolean`: `--x`, `--x=false` (never `--x false`);
 * - `string`, `int`, `uint`, `float`, `duration`: one value, the last one given counts;
 * - `strings`: repeatable, each value as it is (pflag's stringArray);
 * - `stringSlice`: repeatable, each value a line of CSV;
 * - `count`: `-vvv`.
 */
export type FlagKind =
  | 'boolean'
  | 'string'
  | 'strings'
  | 'stringSlice'
  | 'int'
  | 'uint'
  | 'float'
  | 'count'
  | 'duration';

/** One flag as data: feeds the parser, the help text, completion and manuals. */
export interface FlagSpec {
  /** The long name, without dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Other long names that mean the same; help does not show them. */
  readonly aliases?: readonly string[];
  readonly kind: FlagKind;
  /** The value when the flag is not given; `int`, `uint` and `float` take a number, `duration` text like `10s`. */
  readonly default?: string | number | boolean | readonly string[];
  /** The word for the value in help. Default: pflag's name of the kind. */
  readonly placeholder?: string;
  readonly help: string;
  /** The value of `--x` without `=`: the flag then takes a value only after `=` (pflag's NoOptDefVal). */
  readonly optionalValue?: string;
  readonly hidden?: boolean;
  /** Values to offer when the shell completes the command line; the program checks what it is given. */
  readonly values?: readonly string[];
  /** What the value names, for the shell to complete. Default: nothing that it knows. */
  readonly completes?: 'file' | 'folder';
  /** Completes the value where that takes a look at the machine. */
  readonly complete?: () => Promise<{ readonly complete: CompleteArgument }>;
}

/** How many words a command takes after its flags. */
export interface ArgumentCount {
  readonly min: number;
  /** Default: no upper bound. */
  readonly max?: number;
  /** Said instead of pflag's sentence when there are fewer than `min`. */
  readonly tooFew?: string;
}

/** A command's action. Resolves to the exit code of the program. */
export type CommandRun = (call: CommandCall) => Promise<number>;

/** One command as data; its code is loaded when it runs. */
export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** Sentences for the command's own help. Default: the summary. */
  readonly description?: string;
  /** The command's own part of the usage line: `run [options] IMAGE [COMMAND [ARG...]]`. */
  readonly usage: string;
  readonly flags?: readonly FlagSpec[];
  /** Default: none. */
  readonly args?: ArgumentCount;
  /** False: flags stop at the first word that is not one, as in `run IMAGE COMMAND -x`. Default true. */
  readonly interspersed?: boolean;
  /** Whole command lines. */
  readonly examples?: readonly string[];
  readonly load?: () => Promise<{ readonly run: CommandRun }>;
  /** Completes its words for the shell. */
  readonly complete?: () => Promise<{ readonly complete: CompleteArgument }>;
  readonly subcommands?: readonly CommandSpec[];
  readonly hidden?: boolean;
}

/** A program: its commands, and what is the same for all of them. */
export interface ProgramSpec {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  /** Flags that every command takes, before or after the command word. */
  readonly globalFlags?: readonly FlagSpec[];
  readonly commands: readonly CommandSpec[];
  /** Exit code of a failure; errors in the command line itself come here too (reason `USAGE`). */
  readonly exitCode: (error: LadingError) => number;
  /** The text of a failure on stderr, without the line end. Default: `Error: ` and the message. */
  readonly formatError?: (error: LadingError) => string;
}

/** What a command's action receives. */
export interface CommandCall {
  /** The words after the flags. */
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly environment: Environment;
  readonly command: CommandSpec;
  /** The words that led to the command, the program's name first: `lading container list`. */
  readonly path: readonly string[];
  /** All words as they were given, the program's name first. */
  readonly words: readonly string[];
}

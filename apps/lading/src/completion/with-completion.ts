// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, ProgramSpec } from '@lading/command-line';
import { withValues } from './flag-values.ts';

/** The program as the shell asks it: no other start has to pay for what completes its words. */
export function withCompletion(program: ProgramSpec): ProgramSpec {
  const { commands, globalFlags = [] } = program;
  return { ...program, globalFlags: withValues(globalFlags), commands: withNames(commands) };
}

/**
 * The commands, with names of containers, images and so on to complete their words with. Which ones is read from
 * the usage line, so that a new command has it without further ado.
 */
function withNames(commands: readonly CommandSpec[]): readonly CommandSpec[] {
  return commands.map((spec) => {
    const command = spec.flags === undefined ? spec : { ...spec, flags: withValues(spec.flags) };
    if (command.subcommands !== undefined) return { ...command, subcommands: withNames(command.subcommands) };
    if (command.complete !== undefined || (command.args?.max ?? 1) === 0) return command;
    return { ...command, complete: () => import('./complete-names.ts') };
  });
}

// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';

/** Whether the command has a flag: commands share code, not all of its flags. */
export function hasFlag({ command }: CommandCall, name: string): boolean {
  return command.flags?.some((flag) => flag.name === name) === true;
}

/** The text of a flag; undefined where it is empty, not given, or no flag of the command. */
export function textOf(call: CommandCall, name: string): string | undefined {
  return hasFlag(call, name) ? call.flags.string(name) || undefined : undefined;
}

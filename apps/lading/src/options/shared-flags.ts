// SPDX-License-Identifier: Apache-2.0
import type { CommandCall, Flags } from '@lading/command-line';

/** A call for code that several commands share, but not all of its flags: one that a command lacks was not given. */
export function withSharedFlags(call: CommandCall): CommandCall {
  const { flags } = call;
  const shared: Flags = {
    has: (name) => flags.has(name),
    given: (name) => flags.given(name),
    boolean: (name) => flags.has(name) && flags.boolean(name),
    string: (name) => (flags.has(name) ? flags.string(name) : undefined),
    strings: (name) => (flags.has(name) ? flags.strings(name) : []),
    number: (name) => (flags.has(name) ? flags.number(name) : undefined),
    int: (name) => (flags.has(name) ? flags.int(name) : undefined),
    durationMs: (name) => (flags.has(name) ? flags.durationMs(name) : undefined),
  };
  return { ...call, flags: shared };
}

/** The text of a flag; undefined where it is empty, not given, or no flag of the command. */
export function textOf({ flags }: CommandCall, name: string): string | undefined {
  return flags.has(name) ? flags.string(name) || undefined : undefined;
}

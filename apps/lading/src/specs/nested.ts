// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '@lading/command-line';

/** A top-level command as a subcommand of a group, under another name if it has one there. */
export function nested(
  group: string,
  spec: CommandSpec,
  other: { readonly name?: string; readonly aliases?: readonly string[]; readonly summary?: string } = {},
): CommandSpec {
  const name = other.name ?? spec.name;
  return {
    ...spec,
    ...other,
    name,
    usage: name + spec.usage.slice(spec.name.length),
    ...(spec.examples === undefined
      ? {}
      : {
          examples: spec.examples.map((line) =>
            line.replace(`lading ${spec.name}`, `lading ${group} ${name}`),
          ),
        }),
  };
}

// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import type { AttachStreams } from '@lading/engine';
import { quote } from '@lading/go-template';

/** `--attach`, checked; empty for all streams. */
export function readAttach(flags: Flags): readonly string[] {
  const names = flags.strings('attach');
  for (const name of names) {
    if (!['stdin', 'stdout', 'stderr'].includes(name.toLowerCase())) {
      throw usageError(
        `invalid stream ${quote(name)} for --attach - must be one of stdin, stdout, or stderr`,
      );
    }
  }
  return names.map((name) => name.toLowerCase());
}

/** Only the streams that `--attach` names. */
export function attachedStreams({ flags }: CommandCall, all: AttachStreams): AttachStreams {
  const names = readAttach(flags);
  if (names.length === 0) return all;
  const { stdin, stdout, stderr, ...rest } = all;
  return {
    ...rest,
    ...(stdin && names.includes('stdin') && { stdin }),
    ...(stdout && names.includes('stdout') && { stdout }),
    ...(stderr && names.includes('stderr') && { stderr }),
  };
}

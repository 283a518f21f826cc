// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from 'node:path';
import { type Flags, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';

export function readWorkdir(flags: Flags): string | undefined {
  const workdir = flags.string('workdir') || undefined;
  if (workdir === undefined || isAbsolute(workdir)) return workdir;
  throw usageError(`workdir ${quote(workdir)} is invalid: it needs to be an absolute path`);
}

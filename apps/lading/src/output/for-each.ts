// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { type Code, LadingError } from '@lading/errors';
import { exitCodeOf } from '../exit-code.ts';
import { printError } from './print-error.ts';

/** Settings of {@link forEachName}. */
export interface ForEachOptions {
  /** Exit codes that differ from the usual ones, by code or by reason. */
  readonly exitCodes?: Readonly<Record<string, number>>;
  /** Failures with these codes count as nothing. */
  readonly ignore?: readonly Code[];
}

/**
 * Does the action for every name, in order, also after a failure; prints what it returns. The exit code is
 * that of the last failure, as podman has it.
 */
export async function forEachName(
  { environment }: CommandCall,
  names: readonly string[],
  action: (name: string) => Promise<string | undefined>,
  { exitCodes = {}, ignore = [] }: ForEachOptions = {},
): Promise<number> {
  let exitCode = 0;
  for (const name of names) {
    environment.signal.throwIfAborted();
    try {
      const line = await action(name);
      if (line !== undefined) await environment.stdout(`${line}\n`);
    } catch (reason) {
      const error = LadingError.from(reason);
      if (ignore.includes(error.code)) continue;
      await printError(environment, error);
      exitCode = exitCodes[error.reason ?? error.code] ?? exitCodes[error.code] ?? exitCodeOf(error);
    }
  }
  return exitCode;
}

// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';

/** podman's codes for an error of the program itself. What a command returns is not looked at here. */
export function exitCodeOf(error: LadingError): number {
  const { reason = '', details } = error;
  if (/^(COMMAND_NOT_FOUND|WORKDIR_UNKNOWN)$/.test(reason)) return 127;
  // Users and folders that are not there are found when the command is about to be invoked.
  if (/^(COMMAND_NOT_(EXECUTABLE|INVOKED)|(USER|GROUP)_UNKNOWN|WORKDIR_UNUSABLE)$/.test(reason)) return 126;
  return reason === 'RUNTIME_FAILED' && details?.verb === 'exec' ? 126 : 125;
}

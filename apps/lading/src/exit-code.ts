// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';

/** podman's codes for an error of the program itself. What a command returns is not looked at here. */
export function exitCodeOf(error: LadingError): number {
  if (error.reason === 'COMMAND_NOT_FOUND') return 127;
  // A user that is not there is found when the command is about to be invoked.
  if (/^(COMMAND_NOT_EXECUTABLE|USER_UNKNOWN|GROUP_UNKNOWN)$/.test(error.reason ?? '')) return 126;
  return 125;
}

// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/**
 * A mistake in the command line itself: `invalid_argument` with reason `USAGE`.
 *
 * @param hint further lines for the reader, printed after the message
 */
export function usageError(message: string, hint?: string): LadingError {
  return new LadingError(Code.InvalidArgument, message, {
    reason: 'USAGE',
    ...(hint === undefined ? {} : { details: { hint } }),
  });
}

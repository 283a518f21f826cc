// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** A table of contents that is not what it should be. The layer may still be right: read all of it. */
export function tableFault(what: string, cause?: unknown): LadingError {
  return new LadingError(Code.DataLoss, `the table of contents of the layer cannot be used: ${what}`, {
    reason: 'CHUNKED_TABLE',
    ...(cause === undefined ? {} : { cause }),
  });
}

// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';

/** `--filter name=…`: a regular expression, which is searched for. */
export function namePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw usageError(`invalid filter: name=${text} is no regular expression`);
  }
}

// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';

/** What says that an image is not there, and not that it could not be reached. */
const notFound: ReadonlySet<string | undefined> = new Set(['MANIFEST_UNKNOWN']);

/**
 * The codes of current skopeo (1.9 knew only 1): 2 for an image that does not exist, 1 for everything else. A command
 * with codes of its own puts one into the details.
 */
export function exitCodeOf({ reason, details }: LadingError): number {
  if (typeof details?.exitCode === 'number') return details.exitCode;
  return notFound.has(reason) ? 2 : 1;
}

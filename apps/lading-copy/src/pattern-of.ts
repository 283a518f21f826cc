// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { type TagFilter, tagPattern } from '@lading/image-copy';

/** A pattern of the command line, which is at fault when it is none. */
export async function patternOf(...given: Parameters<typeof tagPattern>): Promise<TagFilter> {
  try {
    return await tagPattern(...given);
  } catch (error) {
    throw usageError(LadingError.from(error).message);
  }
}

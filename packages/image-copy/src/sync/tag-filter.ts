// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { parseVersion } from './version.ts';
import { parseVersionConstraint } from './version-constraint.ts';

/** Says of a tag whether it is wanted. */
export type TagFilter = (tag: string) => boolean;

/** Options of {@link tagPattern}. */
export interface TagPatternOptions {
  /** Whether the pattern is of the whole tag, and not of a part of it. Default: false. */
  readonly whole?: boolean | undefined;
}

/**
 * A filter by a pattern in the syntax of Go's regexp. Tags come from strangers, and a pattern of JavaScript's can be
 * made to search without end. It serves for other texts of strangers too.
 *
 * @throws LadingError `invalid_argument`
 *
 * @example
 * ```ts
 * import { type TagFilter, type TagPatternOptions, tagPattern } from '@lading/image-copy';
 *
 * const options: TagPatternOptions = { whole: true };
 * const isRelease: TagFilter = await tagPattern('v1\\.[0-9]+', options);
 * console.log(['v1.2', 'v1.2-rc1'].filter(isRelease)); // → [ 'v1.2' ]
 * ```
 */
export async function tagPattern(
  pattern: string,
  { whole = false }: TagPatternOptions = {},
): Promise<TagFilter> {
  const { RE2JS } = await import('re2js');
  try {
    const compiled = RE2JS.compile(pattern);
    return (tag) => (whole ? compiled.matcher(tag).matches() : compiled.matcher(tag).find());
  } catch (cause) {
    const shown = JSON.stringify(pattern.slice(0, 100));
    throw new LadingError(
      Code.InvalidArgument,
      `${shown} is no pattern: ${LadingError.from(cause).message}`,
      {
        cause,
      },
    );
  }
}

/** A filter by versions; what is no version is not wanted. @throws LadingError `invalid_argument` */
export function tagVersions(constraint: string): TagFilter {
  const holds = parseVersionConstraint(constraint);
  return (tag) => {
    const version = parseVersion(tag);
    return version !== undefined && holds(version);
  };
}

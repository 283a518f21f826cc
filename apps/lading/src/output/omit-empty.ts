// SPDX-License-Identifier: Apache-2.0

/** The same members; the empty ones can be named in a template, but JSON leaves them out, as Go's `omitempty`. */
export function omitEmpty<T extends object>(value: T): T {
  const result = { ...value };
  for (const [name, member] of Object.entries(result)) {
    const isEmpty =
      member === null ||
      member === '' ||
      member === false ||
      (Array.isArray(member) && member.length === 0) ||
      (member instanceof Map && member.size === 0);
    if (isEmpty) Object.defineProperty(result, name, { enumerable: false });
  }
  return result;
}

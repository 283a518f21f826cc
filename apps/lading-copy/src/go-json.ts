// SPDX-License-Identifier: Apache-2.0
import { toJson } from '@lading/go-template';

/** JSON as Go's encoder writes it: four spaces, and what HTML would read escaped. */
export function goJson(value: unknown): string {
  return toJson(value, 4).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A time as Go writes it: no zeros at the end of the fraction. */
export function goTime(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text.replace(/(\.\d*?)0+(?=Z|[+-])/, '$1').replace(/\.(?=Z|[+-])/, '');
}

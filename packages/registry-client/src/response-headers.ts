// SPDX-License-Identifier: Apache-2.0

/**
 * What is read of the headers of an answer. `Headers` is one.
 *
 * @example
 * ```ts
 * import type { ResponseHeaders } from '@lading/registry-client';
 *
 * const headers: ResponseHeaders = new Headers({ 'Content-Type': 'application/json' });
 * console.log(headers.get('content-type')); // → application/json
 * ```
 */
export interface ResponseHeaders {
  /** All values of a header, with commas in between, or null. Upper and lower case are the same. */
  get(name: string): string | null;
  has(name: string): boolean;
}

/** Headers as Node's clients give them. Not in the global `Headers`: Node takes 10 ms to load that. */
export function responseHeaders(
  raw: Readonly<Record<string, string | readonly string[] | undefined>>,
): ResponseHeaders {
  const values = new Map(
    Object.entries(raw).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), [value].flat().join(', ').trim()] as const],
    ),
  );
  return {
    get: (name) => values.get(name.toLowerCase()) ?? null,
    has: (name) => values.has(name.toLowerCase()),
  };
}

/** The same headers but for one. */
export function withoutHeader(headers: ResponseHeaders, left: string): ResponseHeaders {
  return {
    get: (name) => (name.toLowerCase() === left ? null : headers.get(name)),
    has: (name) => name.toLowerCase() !== left && headers.has(name),
  };
}

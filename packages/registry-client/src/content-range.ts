// SPDX-License-Identifier: Apache-2.0

/** Which part of a whole an answer holds: bytes `start` to before `end`. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
  /** Undefined: the server does not say how long the whole is. */
  readonly total: number | undefined;
}

/**
 * Reads the Content-Range of a 206. Undefined for anything but one range of bytes within the whole.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.4
 */
export function parseContentRange(header: string | null): ContentRange | undefined {
  const [, first, last, whole] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || whole === undefined) return undefined;
  const [start, end, total] = [Number(first), Number(last) + 1, whole === '*' ? undefined : Number(whole)];
  const safe = Number.isSafeInteger(end) && (total === undefined || Number.isSafeInteger(total));
  return safe && start < end && end <= (total ?? end) ? { start, end, total } : undefined;
}

/**
 * The bytes that an upload has, by the Range of its answer: `0-99` stands for 100. Some registries write
 * `bytes=0-99`, and `0--1` for none. `0-0` should be one byte, but stands for none with Docker's registry and
 * many others: the caller knows which of the two it can be.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
 */
export function parseUploadRange(header: string | null): number | undefined {
  const [, last] = /^(?:bytes[= ])?0-(-1|\d{1,16})$/.exec(header ?? '') ?? [];
  const size = Number(last) + 1;
  return last !== undefined && Number.isSafeInteger(size) ? size : undefined;
}

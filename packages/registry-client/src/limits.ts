// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** The distribution-spec asks registries to take manifests of 4 MiB; none larger is read. */
export const manifestLimitBytes: number = 4 * 1024 * 1024;
/** A page of tags: 4 MiB hold 30,000 tags of the longest kind. */
export const listLimitBytes: number = 4 * 1024 * 1024;
/** Token servers give JWTs of some kilobytes; 128 KiB hold one that lists a thousand repositories. */
export const tokenLimitBytes: number = 128 * 1024;
/** What is read of an error's body: enough for every message that a person reads. */
export const errorLimitBytes: number = 64 * 1024;

/**
 * Reads a whole body into memory, at most `limitBytes`.
 *
 * @throws ResourceExhausted with reason `BODY_TOO_LARGE` as soon as there is more
 */
export async function readAll(
  body: AsyncIterable<Uint8Array>,
  limitBytes: number,
  what: string,
): Promise<Uint8Array> {
  const { bytes, complete } = await readUpTo(body, limitBytes);
  if (complete) return bytes;
  throw new LadingError(Code.ResourceExhausted, `${what} is longer than the ${limitBytes} bytes allowed`, {
    reason: 'BODY_TOO_LARGE',
  });
}

/** Reads at most `limitBytes` of a body and leaves the rest, and with it the connection. */
export async function readUpTo(
  body: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<{ bytes: Uint8Array; complete: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let complete = true;
  for await (const chunk of body) {
    const room = limitBytes - size;
    complete = chunk.length <= room;
    chunks.push(complete ? chunk : chunk.subarray(0, room));
    size += Math.min(chunk.length, room);
    if (!complete) break;
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return { bytes, complete };
}

/** Reads away the short rest of an answer so that its connection can be used again. */
export async function discard(body: AsyncIterable<Uint8Array>): Promise<void> {
  await readUpTo(body, errorLimitBytes);
}

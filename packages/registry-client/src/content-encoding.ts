// SPDX-License-Identifier: Apache-2.0
import { unexpectedAnswer } from './errors.ts';
import type { TransportResponse } from './transport.ts';

const formats: ReadonlyMap<string, 'gzip' | 'deflate'> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

/**
 * An answer as it is meant. We ask for `identity`; a proxy that compresses all the same has changed the bytes
 * on their way, and a digest is of those before. Nothing is held: who reads sets the limit, so a bomb of zeros
 * is cut where any other body is. What the head says of the length is of other bytes and is left out.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.4
 */
export function decodeBody(host: string, response: TransportResponse): TransportResponse {
  const encoding = (response.headers.get('content-encoding') ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return response;
  const { headers: all } = response;
  const isLeftOut = (name: string) => name.toLowerCase() === 'content-length';
  const headers: TransportResponse['headers'] = {
    get: (name) => (isLeftOut(name) ? null : all.get(name)),
    has: (name) => !isLeftOut(name) && all.has(name),
  };
  return { ...response, headers, body: inflate(host, response.body, encoding), recycle: undefined };
}

async function* inflate(
  host: string,
  body: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]();
  try {
    const first = await source.next();
    // The answer to a HEAD, or a 204, has the header and nothing to decode.
    if (first.done === true) return;
    const format = formats.get(encoding);
    if (format === undefined) {
      throw unexpectedAnswer(host, 'its answer is compressed in a way that nobody asked for');
    }
    const { readable, writable } = new DecompressionStream(format);
    const fed = feed(writable.getWriter(), first.value, source);
    const reader = readable.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        yield value;
      }
    } catch (cause) {
      const failure = await fed;
      throw failure?.error ?? unexpectedAnswer(host, `its answer is not the ${format} that it says`, cause);
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  } finally {
    await source.return?.();
  }
}

/** Resolves to what the source failed with; a failure of the decoder is seen where that is read. */
async function feed(
  writer: ReturnType<DecompressionStream['writable']['getWriter']>,
  first: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): Promise<{ error: unknown } | undefined> {
  let chunk: Uint8Array = first;
  for (;;) {
    try {
      await writer.write(chunk as Uint8Array<ArrayBuffer>);
    } catch {
      return undefined;
    }
    let next: IteratorResult<Uint8Array>;
    try {
      next = await source.next();
    } catch (error) {
      await writer.abort(error).catch(() => undefined);
      return { error };
    }
    if (next.done === true) {
      await writer.close().catch(() => undefined);
      return undefined;
    }
    chunk = next.value;
  }
}

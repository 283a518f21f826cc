// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import type { Descriptor } from '@lading/image-spec';
import type { BlobOptions } from '../types.ts';

/** A server that is silent for longer is not waited for. */
const answerWithinMs = 60_000;

/** A layer that is not kept with its image, from the first of its URLs that has it; nothing of it is verified. */
async function* fetchLayer(
  { digest, urls = [] }: Descriptor,
  { signal }: BlobOptions,
  missing: LadingError,
): AsyncGenerator<Uint8Array> {
  const failures: string[] = [];
  for (const url of urls.filter(isWeb)) {
    const found = await ask(url, signal);
    if (typeof found !== 'string') {
      yield* found;
      return;
    }
    failures.push(`${new URL(url).host}: ${found}`);
  }
  if (failures.length === 0) throw missing;
  throw new LadingError(
    Code.Unavailable,
    `the layer ${digest} is not there, and cannot be fetched from its URLs: ${failures.join('; ')}`,
    { cause: missing },
  );
}

/** The body of an answer, or why there is none. */
async function ask(
  url: string,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array> | string> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answerWithinMs);
  try {
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity' },
      signal: AbortSignal.any([late.signal, ...(signal === undefined ? [] : [signal])]),
    });
    if (response.ok && response.body !== null) return response.body;
    await response.body?.cancel();
    return `the server answers with status ${response.status}`;
  } catch {
    signal?.throwIfAborted();
    return 'the server cannot be reached';
  } finally {
    clearTimeout(timer);
  }
}

function isWeb(url: string): boolean {
  return URL.canParse(url) && /^https?:/i.test(url);
}

/** A blob of a layout; one that is not there and has URLs comes from those. */
export function orFromElsewhere(
  bytes: AsyncIterable<Uint8Array>,
  descriptor: Descriptor,
  options: BlobOptions = {},
): AsyncIterable<Uint8Array> {
  if (!descriptor.urls?.some(isWeb)) return bytes;
  return (async function* () {
    const own = bytes[Symbol.asyncIterator]();
    let first: IteratorResult<Uint8Array>;
    try {
      first = await own.next();
    } catch (error) {
      if (!hasCode(error, Code.NotFound)) throw error;
      yield* fetchLayer(descriptor, options, error);
      return;
    }
    if (first.done === true) return;
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => own };
  })();
}

// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { unexpectedAnswer } from './errors.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/** Options of {@link createFetchTransport}. */
export interface FetchTransportOptions {
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** The longest streamed body that is collected before it is sent. Default: 64 MiB. */
  readonly maxBodyBytes?: number | undefined;
}

/** A browser sets these itself, and a page that asks for the last is asked for permission by CORS. */
const ownHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'host',
  'user-agent',
]);

/**
 * A {@link Transport} on `fetch`, for browsers and other runtimes. What differs there:
 *
 * - The registry must allow the page by CORS: its origin, `Authorization` among the headers, and
 *   `Docker-Content-Digest`, `Location`, `Link`, `Range`, `WWW-Authenticate` and the like as exposed ones.
 * - A browser does not show where a redirect leads. It follows by itself, and takes `Authorization` out where
 *   that is another origin; where the caller could not have followed, neither does this.
 * - A streamed body is collected first, see `buffersBodies`.
 * - Certificates are always verified, names are resolved by the browser, no cookie is sent or kept.
 *
 * @example
 * ```ts
 * import { startRegistry } from '@lading/registry';
 * import { createFetchTransport, createRegistryClient } from '@lading/registry-client';
 *
 * await using registry = await startRegistry();
 * await using client = createRegistryClient({ tlsVerify: false, transport: createFetchTransport() });
 * await client.ping(registry.host);
 * ```
 */
export function createFetchTransport(options: FetchTransportOptions = {}): Transport {
  const { maxBodyBytes = 64 * 1024 * 1024 } = options;
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const closing = new AbortController();

  return {
    buffersBodies: true,
    async send(request: TransportRequest): Promise<TransportResponse> {
      const { method, url, headers, body, signal } = request;
      signal?.throwIfAborted();
      if (closing.signal.aborted) throw closed();
      const controller = new AbortController();
      const stop = (): void => controller.abort(signal?.aborted ? signal.reason : closed());
      const sources = [closing.signal, ...(signal === undefined ? [] : [signal])];
      for (const source of sources) source.addEventListener('abort', stop, { once: true });
      const end = (): void => {
        for (const source of sources) source.removeEventListener('abort', stop);
      };
      try {
        const bytes =
          body === undefined || body instanceof Uint8Array ? body : await collect(body, maxBodyBytes);
        // Some of this is for browsers alone, and Node's types do not know it.
        const init = {
          method,
          headers: Object.entries(headers).filter(([name]) => !ownHeaders.has(name)),
          body: bytes === undefined ? null : (bytes as Uint8Array<ArrayBuffer>),
          signal: controller.signal,
          credentials: 'omit',
          cache: 'no-store',
          referrerPolicy: 'no-referrer',
        } as const;
        const ask = (redirect: 'manual' | 'follow'): Promise<Response> => send(url, { ...init, redirect });
        let answer = await ask('manual');
        if (answer.type === 'opaqueredirect') {
          if (method !== 'GET' && method !== 'HEAD') {
            throw unexpectedAnswer(url.host, `it redirects a ${method}, and a browser does not say where to`);
          }
          answer = await ask('follow');
        }
        return {
          status: answer.status,
          headers: headersOf(answer),
          body: bytesOf(answer, controller, end),
          ...(answer.redirected ? { url: new URL(answer.url) } : {}),
        };
      } catch (error) {
        end();
        throw controller.signal.aborted ? controller.signal.reason : error;
      }
    },
    async close() {
      closing.abort();
    },
  };
}

function closed(): LadingError {
  return new LadingError(Code.FailedPrecondition, 'the registry client is closed; make a new one');
}

/** A body that `fetch` has decoded is longer than the head says. */
function headersOf({ headers }: Response): Headers {
  if (!headers.has('content-encoding')) return headers;
  const decoded = new Headers(headers);
  decoded.delete('content-encoding');
  decoded.delete('content-length');
  return decoded;
}

/** Not the stream's own iterator: some browsers have none, and one that is left unread closes nothing. */
function bytesOf(answer: Response, controller: AbortController, end: () => void): AsyncIterable<Uint8Array> {
  const reader = answer.body?.getReader();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
          if (!done) return { done, value };
        } catch (error) {
          end();
          throw controller.signal.aborted ? controller.signal.reason : error;
        }
        end();
        return { done: true, value: undefined };
      },
      async return() {
        end();
        await reader?.cancel().catch(() => undefined);
        return { done: true, value: undefined };
      },
    }),
  };
}

async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new LadingError(
        Code.ResourceExhausted,
        `a body of more than ${maxBytes} bytes cannot be sent at once; upload it in smaller chunks`,
        { reason: 'BODY_TOO_LARGE' },
      );
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

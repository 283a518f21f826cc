// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { recyclingBody } from './recycling-body.ts';
import { createResponseBody, type ResponseBody } from './response-body.ts';
import type { TransportRequest, TransportResponse } from './transport.ts';

const oneAhead = { highWaterMark: 1 };

/**
 * Sends one request through undici. Not by its `request()`, whose answers are Node streams: those join small
 * chunks into new ones, and keep no memory that could be given back.
 */
export function dispatch(
  dispatcher: Dispatcher,
  { method, url, headers, body, signal }: TransportRequest,
  release: (memory: ArrayBufferLike) => void,
): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let answer: ResponseBody | undefined;
    const abort = (): void => {
      const reason: unknown = signal?.reason;
      const error = reason instanceof Error ? reason : new Error('the request was aborted');
      controller?.abort(error);
      // While a connection is being made there is nothing yet that could be told.
      reject(error);
    };
    const settle = (): void => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort, { once: true });

    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        // A stream of its own would read sixteen chunks ahead, which may be sixteen megabytes.
        body:
          body === undefined || body instanceof Uint8Array
            ? (body ?? null)
            : Readable.from(recyclingBody(body), oneAhead),
      },
      {
        onRequestStart(started) {
          controller = started;
          if (signal?.aborted === true) abort();
        },
        onResponseStart(started, status, raw) {
          if (status < 200) return;
          answer = createResponseBody(started, release);
          resolve({ status, headers: headersOf(raw), body: answer, recycle: answer.recycle });
        },
        onResponseData(_controller, chunk) {
          answer?.push(chunk);
        },
        onResponseEnd() {
          settle();
          answer?.end();
        },
        onResponseError(_controller, error) {
          settle();
          answer?.end(error);
          reject(error);
        },
      },
    );
  });
}

/** Not `Headers`: its first use loads all of Node's own `fetch`, a tenth of the time of a short program. */
function headersOf(
  raw: Readonly<Record<string, string | string[] | undefined>>,
): TransportResponse['headers'] {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : value.join(', ');
    values.set(name.toLowerCase(), text.trim());
  }
  return {
    get: (name) => values.get(name.toLowerCase()) ?? null,
    has: (name) => values.has(name.toLowerCase()),
  };
}

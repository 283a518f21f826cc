// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { observeBody, withRecycling } from './body.ts';
import { redactUrl } from './errors.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/** How long a server may keep a client waiting. Time in which nobody reads, or the caller's source is slow, does not count. */
export interface TimeLimits {
  /** From a request's last sent byte to the head of its answer, connecting included. Default: 300,000. */
  readonly headersTimeoutMs?: number | undefined;
  /** The time of waiting for a body after which its speed is judged. Default: 60,000. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Slower than this over `bodyTimeoutMs` is no transfer but a way to hold a connection. Default: 100. */
  readonly minBytesPerSecond?: number | undefined;
}

/** A registry stores a large upload while its answer is awaited: minutes, where storage is far away. */
const headersMs = 300_000;
const bodyMs = 60_000;
/** A modem's thirtieth: slow links live, a server that sends a byte now and then does not. */
const leastBytesPerSecond = 100;
const leastUploadBytesPerSecond = 10_000;

/** Holds the servers behind a transport to time limits: `DeadlineExceeded` with reason `TIMEOUT` or `TOO_SLOW`. */
export function withTimeLimits(transport: Transport, limits: TimeLimits): Transport {
  const { headersTimeoutMs = headersMs, bodyTimeoutMs = bodyMs } = limits;
  const { minBytesPerSecond = leastBytesPerSecond } = limits;
  const leastBytes = (minBytesPerSecond * bodyTimeoutMs) / 1000;

  return {
    buffersBodies: transport.buffersBodies,
    close: () => transport.close(),
    async send(request: TransportRequest): Promise<TransportResponse> {
      const { signal, body } = request;
      const controller = new AbortController();
      const pass = (): void => controller.abort(signal?.reason);
      signal?.addEventListener('abort', pass, { once: true });
      if (signal?.aborted) pass();
      let late: LadingError | undefined;
      const expire = (reason: string, what: string): void => {
        late = new LadingError(
          Code.DeadlineExceeded,
          `${request.method} ${redactUrl(request.url)}: ${what}; try again, or allow more time`,
          { reason, details: { host: request.url.host } },
        );
        controller.abort(late);
      };
      const end = (): void => signal?.removeEventListener('abort', pass);

      // A body that is handed over whole is seen to begin and not to end.
      const whole =
        body instanceof Uint8Array ? body.length : transport.buffersBodies ? lengthOf(request) : 0;
      const patienceMs = headersTimeoutMs + (whole / leastUploadBytesPerSecond) * 1000;
      const head = createTimer(patienceMs, () => expire('TIMEOUT', `no answer within ${patienceMs} ms`));
      let response: TransportResponse;
      try {
        head.start();
        response = await transport.send({
          ...request,
          ...(body === undefined || body instanceof Uint8Array
            ? {}
            : { body: withRecycling(pausing(body, head), body) }),
          signal: controller.signal,
        });
      } catch (error) {
        end();
        throw late ?? error;
      } finally {
        head.end();
      }

      let waitedMs = 0;
      let arrived = 0;
      const judge = (): void => {
        if (arrived < leastBytes) {
          expire('TOO_SLOW', `${arrived} bytes in ${bodyTimeoutMs} ms`);
          return;
        }
        waitedMs = 0;
        arrived = 0;
      };
      async function around(read: () => Promise<IteratorResult<Uint8Array>>) {
        const begun = performance.now();
        const timer = createTimer(Math.max(0, bodyTimeoutMs - waitedMs), judge);
        timer.start();
        try {
          const result = await read();
          arrived += result.value?.length ?? 0;
          waitedMs += performance.now() - begun;
          if (result.done !== true && waitedMs >= bodyTimeoutMs) judge();
          if (late !== undefined && result.done !== true) throw late;
          return result;
        } catch (error) {
          throw late ?? error;
        } finally {
          timer.end();
        }
      }
      return { ...response, body: observeBody(response.body, { around, end }) };
    },
  };
}

function lengthOf({ headers }: TransportRequest): number {
  return Number(headers['content-length'] ?? 0) || 0;
}

interface Timer {
  start(): void;
  stop(): void;
  /** It is not started again: a body may be read to its end after the answer to it, and a timer keeps the process. */
  end(): void;
}

function createTimer(afterMs: number, run: () => void): Timer {
  let handle: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const stop = (): void => clearTimeout(handle);
  return {
    stop,
    start() {
      stop();
      if (!isOver) handle = setTimeout(run, afterMs);
    },
    end() {
      isOver = true;
      stop();
    },
  };
}

/** Stops the clock while the caller's source is asked, and sets it back when a piece is taken. */
async function* pausing(body: AsyncIterable<Uint8Array>, clock: Timer): AsyncGenerator<Uint8Array> {
  clock.stop();
  for await (const chunk of body) {
    clock.start();
    yield chunk;
    clock.stop();
  }
  clock.start();
}

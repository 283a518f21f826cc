// SPDX-License-Identifier: Apache-2.0
import { observeBody } from './body.ts';
import { canceled } from './errors.ts';
import { backoffMs, longestPauseMs, throwIfAborted, timerPause } from './retry.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/** How much one host is asked for at a time. */
export interface HostLimitOptions {
  /**
   * Requests under way on one host, the reading of their answers included; reads and writes are counted
   * apart, so that a copy within one registry does not wait for itself. Default: no limit.
   */
  readonly maxConcurrency?: number | undefined;
  /** Requests begun on one host in a second. Default: no limit. */
  readonly requestsPerSecond?: number | undefined;
}

/** The limits of all hosts that a client talks to. */
export interface HostLimits {
  /** A transport that waits for its turn. */
  wrap(transport: Transport): Transport;
  /** Waits before a retry, at least as long as the host has asked everybody to. */
  pause(host: string, waitMs: number, signal?: AbortSignal): Promise<void>;
}

interface Lane {
  active: number;
  readonly waiting: Set<() => void>;
}

interface Host {
  readonly read: Lane;
  readonly write: Lane;
  /** Nothing is sent before this time, because the host said 429. */
  heldUntil: number;
  /** How many times in a row it said so. */
  refusals: number;
  /** When the next request may begin, where there is a rate. */
  nextAt: number;
}

export function createHostLimits(
  {
    maxConcurrency = Number.POSITIVE_INFINITY,
    requestsPerSecond = Number.POSITIVE_INFINITY,
  }: HostLimitOptions,
  now: () => number,
  pause: (waitMs: number, signal?: AbortSignal) => Promise<void> = timerPause,
): HostLimits {
  const hosts = new Map<string, Host>();

  function hostOf(name: string): Host {
    const known = hosts.get(name);
    if (known !== undefined) return known;
    const lane = (): Lane => ({ active: 0, waiting: new Set() });
    const host: Host = { read: lane(), write: lane(), heldUntil: 0, refusals: 0, nextAt: 0 };
    hosts.set(name, host);
    return host;
  }

  async function enter(host: Host, lane: Lane, signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    if (lane.active >= maxConcurrency) await turn(lane, signal);
    else lane.active += 1;
    try {
      while (host.heldUntil > now()) {
        const until = host.heldUntil;
        await pause(until - now(), signal);
        // Whoever has waited as long as was asked opens the way, unless a longer time was asked meanwhile.
        if (host.heldUntil === until) host.heldUntil = 0;
      }
      const at = Math.max(now(), host.nextAt);
      host.nextAt = at + 1000 / requestsPerSecond;
      if (at > now()) await pause(at - now(), signal);
    } catch (error) {
      leave(lane);
      throw error;
    }
  }

  /** The place that is left goes to the one who has waited longest. */
  function leave(lane: Lane): void {
    const [first] = lane.waiting;
    if (first === undefined) lane.active -= 1;
    else first();
  }

  function note(name: string, host: Host, { status, headers }: TransportResponse): void {
    if (status !== 429 && !(status === 503 && headers.has('retry-after'))) {
      host.refusals = 0;
      return;
    }
    host.refusals += 1;
    const waitMs =
      parseRetryAfter(headers.get('retry-after'), now()) ?? backoffMs(Math.min(host.refusals, 6));
    // Of a longer pause each caller hears by itself; nobody waits for that.
    if (waitMs <= longestPauseMs) host.heldUntil = Math.max(host.heldUntil, now() + waitMs);
    hosts.set(name, host);
  }

  function forget(name: string, host: Host): void {
    const idle = host.read.active + host.write.active === 0 && host.refusals === 0;
    if (idle && Math.max(host.heldUntil, host.nextAt) <= now() && hosts.get(name) === host)
      hosts.delete(name);
  }

  return {
    wrap: (transport) => ({
      buffersBodies: transport.buffersBodies,
      close: () => transport.close(),
      async send(request: TransportRequest): Promise<TransportResponse> {
        const { method, url, signal } = request;
        const host = hostOf(url.host);
        const lane = method === 'GET' || method === 'HEAD' ? host.read : host.write;
        await enter(host, lane, signal);
        const end = (): void => {
          leave(lane);
          forget(url.host, host);
        };
        try {
          const response = await transport.send(request);
          note(url.host, host, response);
          return { ...response, body: observeBody(response.body, { end }) };
        } catch (error) {
          end();
          throw error;
        }
      },
    }),
    async pause(name, waitMs, signal) {
      const host = hosts.get(name);
      const until = host?.heldUntil ?? 0;
      await pause(Math.max(waitMs, until - now()), signal);
      if (host !== undefined && host.heldUntil === until) host.heldUntil = 0;
    },
  };
}

function turn(lane: Lane, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (): void => {
      lane.waiting.delete(go);
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const abort = (): void => {
      lane.waiting.delete(go);
      if (signal !== undefined)
        reject(canceled('the request was canceled while it waited for its turn', signal));
    };
    lane.waiting.add(go);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

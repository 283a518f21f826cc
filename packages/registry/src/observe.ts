// SPDX-License-Identifier: Apache-2.0
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { redactUrl } from '@lading/registry-client';
import { type RouteName, routeName } from './route-name.ts';

/** One request that has been served, for logs and metrics. */
export interface RequestRecord {
  /** When the request came, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly method: string;
  /** Path and query; query values that may be secret are `REDACTED`. */
  readonly url: string;
  readonly route: RouteName;
  /** 499 where the client left before there was one. */
  readonly status: number;
  /** False: the client left, or the connection was cut, before the end of the answer. */
  readonly complete: boolean;
  /** Bytes of the connection that are this request's, heads included. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly remoteAddress: string;
  /** The name in the basic credentials that were sent; whether they were right, `status` tells. */
  readonly user: string | undefined;
  readonly userAgent: string | undefined;
}

/** Hears of requests. */
export interface Observer {
  /** A request has come. */
  readonly onBegin?: () => void;
  /** Its answer has ended, one way or the other. */
  readonly onRequest: (record: RequestRecord) => void;
}

/** Tells of each request. */
export function withObserver({ onBegin, onRequest }: Observer, next: RequestListener): RequestListener {
  const counted = new WeakMap<Socket, { read: number; written: number }>();
  return (request, response) => {
    const { socket, method = 'GET', url = '/' } = request;
    const startedAt = Date.now();
    const start = performance.now();
    const remoteAddress = socket.remoteAddress ?? '';
    response.once('close', () => {
      const { read, written } = counted.get(socket) ?? { read: 0, written: 0 };
      counted.set(socket, { read: socket.bytesRead, written: socket.bytesWritten });
      onRequest({
        startedAt,
        durationMs: performance.now() - start,
        method,
        url: shownUrl(url),
        route: routeName(url.split('?', 1)[0] ?? ''),
        status: response.headersSent ? response.statusCode : 499,
        complete: response.writableFinished,
        receivedBytes: socket.bytesRead - read,
        sentBytes: socket.bytesWritten - written,
        remoteAddress,
        user: userOf(request.headers.authorization),
        userAgent: request.headers['user-agent'],
      });
    });
    onBegin?.();
    next(request, response);
  };
}

function userOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const [, encoded = ''] = /^Basic ([\w+/=-]+)$/i.exec(authorization) ?? [];
  return Buffer.from(encoded, 'base64').toString().split(':', 1)[0] || undefined;
}

function shownUrl(url: string): string {
  if (!url.includes('?')) return url;
  const base = 'http://registry';
  return URL.canParse(url, base) ? redactUrl(new URL(url, base)).replace(base, '') : '?';
}

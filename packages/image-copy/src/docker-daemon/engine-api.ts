// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Code, LadingError } from '@lading/errors';
import type { CallOptions } from '../types.ts';

/** How a Docker daemon is reached. */
export interface DaemonContext {
  /**
   * `unix:///PATH`, `http://HOST:PORT`, or with TLS `tcp://HOST:PORT` and `https://HOST:PORT`. Default:
   * `unix:///var/run/docker.sock`.
   */
  readonly daemonHost?: string | undefined;
  /** A folder with `ca.pem`, `cert.pem` and `key.pem` for TLS. Default: the authorities of Node.js, no certificate. */
  readonly daemonCertDir?: string | undefined;
}

export interface EngineRequest extends CallOptions {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  /** A tar archive. */
  readonly body?: { readonly sizeBytes: number; readonly chunks: AsyncIterable<Uint8Array> } | undefined;
}

const errorLimitBytes = 64 * 1024;

/**
 * Asks the Engine API, and gives the answer if it is a success.
 *
 * @throws Unavailable when there is no daemon; NotFound, and so on by its status
 */
export async function askDaemon(
  { daemonHost = 'unix:///var/run/docker.sock', daemonCertDir }: DaemonContext,
  tlsVerify: boolean,
  { method, path, body, signal }: EngineRequest,
): Promise<IncomingMessage> {
  const { base, tls } = endpointOf(daemonHost);
  const options: RequestOptions = {
    ...base,
    method,
    path,
    headers:
      body === undefined
        ? {}
        : { 'content-type': 'application/x-tar', 'content-length': String(body.sizeBytes) },
    ...(signal === undefined ? {} : { signal }),
  };
  const request = tls
    ? requestHttps({ ...options, rejectUnauthorized: tlsVerify, ...(await certificates(daemonCertDir)) })
    : requestHttp(options);
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  answer.catch(() => undefined); // it is awaited after the body was sent
  try {
    if (body === undefined) request.end();
    else {
      // A daemon may answer with an error before it has read everything; its answer says more than the broken pipe.
      await pipeline(body.chunks, request).catch((error: unknown) => {
        if (signal?.aborted === true || !request.destroyed) throw error;
      });
    }
    const response = await answer;
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    throw await refusal(response, statusCode, daemonHost);
  } catch (error) {
    request.destroy();
    if (error instanceof LadingError) throw error;
    signal?.throwIfAborted();
    const known = LadingError.from(error, Code.Unavailable);
    throw new LadingError(
      known.code === Code.NotFound ? Code.Unavailable : known.code,
      `the Docker daemon at ${daemonHost} does not answer (${known.message}); is it running?`,
      { ...(known.reason === undefined ? {} : { reason: known.reason }), cause: error },
    );
  }
}

function endpointOf(daemonHost: string): { base: RequestOptions; tls: boolean } {
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.+)$/.exec(daemonHost) ?? [];
  if (scheme === 'unix') return { base: { socketPath: rest, host: 'localhost' }, tls: false };
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') {
    throw new LadingError(
      Code.InvalidArgument,
      `${JSON.stringify(daemonHost.slice(0, 200))} is no address of a Docker daemon: write unix://PATH, http://HOST:PORT or tcp://HOST:PORT`,
    );
  }
  const url = URL.parse(`http://${rest}`);
  if (url === null || url.pathname !== '/') {
    throw new LadingError(Code.InvalidArgument, `${JSON.stringify(daemonHost.slice(0, 200))} is no address`);
  }
  const port = url.port === '' ? (scheme === 'http' ? 2375 : 2376) : Number(url.port);
  return { base: { host: url.hostname.replace(/^\[|\]$/g, ''), port }, tls: scheme !== 'http' };
}

async function certificates(folder: string | undefined): Promise<Readonly<Record<string, Buffer>>> {
  if (folder === undefined) return {};
  const read = (name: string): Promise<Buffer> => readFile(join(folder, name));
  const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')]);
  return { ca, cert, key };
}

const codes: Readonly<Record<number, Code>> = {
  400: Code.InvalidArgument,
  401: Code.Unauthenticated,
  403: Code.PermissionDenied,
  404: Code.NotFound,
  409: Code.Aborted,
};

async function refusal(response: IncomingMessage, status: number, host: string): Promise<LadingError> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > errorLimitBytes) break;
  }
  const message = messageIn(text);
  // Podman says it with a 500.
  const isUnknown = status === 404 || /image not known/.test(message);
  const told = isUnknown ? Code.NotFound : codes[status];
  const code = told ?? (status >= 500 ? Code.Unavailable : Code.Unknown);
  return new LadingError(code, `the Docker daemon at ${host} answered ${status}: ${message}`, {
    ...(isUnknown ? { reason: 'IMAGE_UNKNOWN' } : {}),
    details: { status },
  });
}

/** What the daemon says of a failure, on one line. */
export function messageIn(text: string): string {
  let said: unknown = text;
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && 'message' in document) said = document.message;
  } catch {
    // Not every failure is told in JSON.
  }
  return JSON.stringify(String(said).trim().slice(0, 500));
}

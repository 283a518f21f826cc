// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Code, LadingError } from '@lading/errors';
import type { CallOptions } from '../types.ts';
import { refusal, unreachable } from './daemon-fault.ts';

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
    // One request is all that a daemon gets, and a kept connection may be gone when the next one comes.
    agent: false,
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
    throw unreachable(daemonHost, error);
  }
}

/**
 * Returns if a daemon answers, whatever it says: a proxy before it may forbid this question alone.
 *
 * @throws Unavailable when there is no daemon; FailedPrecondition when there is no TLS with it
 */
export async function reachDaemon(
  context: DaemonContext,
  tlsVerify: boolean,
  { signal }: CallOptions = {},
): Promise<void> {
  try {
    const response = await askDaemon(context, tlsVerify, { method: 'GET', path: '/_ping', signal });
    response.resume();
  } catch (error) {
    if (LadingError.from(error).details?.status === undefined) throw error;
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

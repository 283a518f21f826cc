// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import type { ResponseHeaders, Transport } from '@lading/registry-client';
import { readSmall } from '../read-small.ts';

/** How the services of sigstore are reached. */
export interface ServiceOptions {
  /** Default: Node's, with the proxies and authorities of the environment. */
  readonly transport?: Transport | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ServiceRequest {
  /** For messages: `Fulcio`. */
  readonly service: string;
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** How many more times it is sent where nobody answers, or the server is at fault. Default: never. */
  readonly retries?: number | undefined;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly text: string;
}

const timeLimitMs = 60_000;
const firstPauseMs = 500;

/**
 * The address of a service below the one that a person has given.
 *
 * @throws InvalidArgument for what is no address, and for one that would send a secret over the network unencrypted
 */
export function serviceUrl(base: string, path: string, what: string): URL {
  const parsed = URL.parse(base);
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) {
    throw new LadingError(Code.InvalidArgument, `${what} is no address; write https://HOST`);
  }
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(parsed.hostname);
  if (parsed.protocol === 'http:' && !isLocal) {
    throw new LadingError(
      Code.InvalidArgument,
      `${what} is not encrypted, so that others could see or change what is sent; write https://${parsed.host}`,
    );
  }
  const url = new URL(parsed.origin);
  url.pathname = `${parsed.pathname.replace(/\/+$/, '')}${path}`;
  return url;
}

/** Asks a service, and reads at most 4 MiB of its answer. Redirects are not followed: they could lead tokens away. */
export async function askService(
  request: ServiceRequest,
  { transport: given, signal }: ServiceOptions,
): Promise<ServiceAnswer> {
  const transport = given ?? (await import('@lading/registry-client')).createUndiciTransport();
  try {
    for (let tried = 0; ; tried++) {
      const isLast = tried >= (request.retries ?? 0);
      try {
        const answer = await ask(request, transport, signal);
        if (isLast || (answer.status < 500 && answer.status !== 429)) return answer;
      } catch (error) {
        signal?.throwIfAborted();
        if (isLast || LadingError.from(error).code !== Code.Unavailable) throw error;
      }
      await pause(firstPauseMs * 2 ** tried, undefined, { signal });
    }
  } finally {
    if (given === undefined) await transport.close();
  }
}

async function ask(
  { service, method, url, headers = {}, body }: ServiceRequest,
  transport: Transport,
  signal: AbortSignal | undefined,
): Promise<ServiceAnswer> {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const limit = AbortSignal.timeout(timeLimitMs);
  try {
    const answer = await transport.send({
      method,
      url,
      headers: { accept: '*/*', ...headers, ...(bytes && { 'content-length': String(bytes.length) }) },
      body: bytes,
      tlsVerify: true,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    const text = Buffer.from(await readSmall(answer.body, `the answer of ${service}`)).toString();
    return { status: answer.status, headers: answer.headers, text };
  } catch (cause) {
    signal?.throwIfAborted();
    const { code, reason, message } = LadingError.from(cause, Code.Unavailable);
    throw new LadingError(code, `${service} at ${url.host} does not answer: ${message}`, {
      ...(reason === undefined ? {} : { reason }),
      cause,
    });
  }
}

/** What a service says of a failure, in one short line that steers no terminal. */
export function serviceFailure(service: string, url: URL, { status, text }: ServiceAnswer): LadingError {
  const said = JSON.stringify(messageOf(text).slice(0, 200)).replaceAll(/[^\x20-\x7e]/g, '?');
  const code =
    status === 401 || status === 403
      ? Code.PermissionDenied
      : status >= 500 || status === 429
        ? Code.Unavailable
        : Code.FailedPrecondition;
  return new LadingError(code, `${service} at ${url.host} answered ${status}: ${said}`, {
    reason: 'SIGNING_FAILED',
  });
}

function messageOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return text;
    for (const name of ['message', 'error_description', 'error']) {
      const found: unknown = Reflect.get(value, name);
      if (typeof found === 'string') return found;
    }
  } catch {
    // It need not be JSON.
  }
  return text;
}

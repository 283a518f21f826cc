// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { errorLimitBytes, readUpTo } from './limits.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { TransportResponse } from './transport.ts';

const codeOfStatus: Readonly<Record<number, Code>> = {
  400: Code.InvalidArgument,
  401: Code.Unauthenticated,
  403: Code.PermissionDenied,
  404: Code.NotFound,
  405: Code.Unimplemented,
  408: Code.DeadlineExceeded,
  409: Code.Aborted,
  410: Code.NotFound,
  413: Code.ResourceExhausted,
  414: Code.InvalidArgument,
  416: Code.OutOfRange,
  429: Code.ResourceExhausted,
  499: Code.Unavailable, // nginx: the client is gone, said to a client that is not
  501: Code.Unimplemented,
};

/** Query parameters that hold no secret. Every other may be a signature or a token: an allow-list, not a guess. */
const harmless: ReadonlySet<string> = new Set([
  'artifactType',
  'digest',
  'digest-algorithm',
  'from',
  'last',
  'mount',
  'n',
  'ns',
  'scope',
  'service',
  'tag',
]);

/** A URL for messages and logs: without credentials, with query values only where they are harmless. */
export function redactUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  for (const name of new Set(shown.searchParams.keys())) {
    if (!harmless.has(name)) shown.searchParams.set(name, 'REDACTED');
  }
  return shown.href;
}

/**
 * The error for an answer with a status that was not expected. Reads at most 64 KiB of the body and takes
 * `code` and `message` from the first error of the spec's form in it.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
 */
export async function responseError(
  method: string,
  url: URL,
  response: TransportResponse,
  fallbackReason?: string,
): Promise<LadingError> {
  const { status, headers, body } = response;
  const shown = redactUrl(url);
  const [first, ...others] = specErrors(await errorText(body));
  const expectedRange = status >= 400 && status < 600;
  const code = expectedRange
    ? (codeOfStatus[status] ?? (status >= 500 ? Code.Unavailable : Code.FailedPrecondition))
    : Code.Internal;
  const reason = first?.code ?? (status === 404 ? fallbackReason : undefined);
  const said = [reason, first?.message].filter((part) => part !== undefined && part !== '');
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), Date.now());
  return new LadingError(
    code,
    `${method} ${shown} answered ${[status, ...said].join(': ')}${adviceFor(status)}`,
    {
      ...(reason === undefined ? {} : { reason }),
      details: {
        method,
        url: shown,
        status,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(others.length === 0 ? {} : { furtherErrors: others }),
      },
    },
  );
}

/** The error for an answer that breaks the protocol. Nothing that a caller can change helps. */
export function unexpectedAnswer(host: string, what: string, cause?: unknown): LadingError {
  return new LadingError(Code.Internal, `${host} does not answer as a registry: ${what}`, {
    reason: 'UNEXPECTED_RESPONSE',
    details: { host },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The error for a request without an answer, or whose answer broke off. */
export function connectionError(method: string, url: URL, cause: unknown, signal?: AbortSignal): LadingError {
  if (signal?.aborted) return canceled(`${method} ${redactUrl(url)} was canceled`, signal);
  if (cause instanceof LadingError) return cause as LadingError;
  const tls = tlsFault(cause);
  if (tls !== undefined) {
    return new LadingError(Code.FailedPrecondition, `${method} ${redactUrl(url)}: ${tls.text}`, {
      reason: tls.reason,
      details: { method, url: redactUrl(url) },
      cause,
    });
  }
  // undici's, which has a code of the parser's only sometimes.
  if (cause instanceof Error && cause.name === 'HTTPParserError') {
    return unexpectedAnswer(url.host, 'what it sent is not HTTP', cause);
  }
  if (codeOf(cause) === 'UND_ERR_HEADERS_OVERFLOW') {
    return new LadingError(Code.ResourceExhausted, `${url.host} sent longer headers than are read`, {
      reason: 'HEADERS_TOO_LARGE',
      details: { method, url: redactUrl(url) },
      cause,
    });
  }
  const known = LadingError.from(cause, Code.Unavailable);
  return new LadingError(known.code, `${method} ${redactUrl(url)} failed: ${oneLine(known.message)}`, {
    ...(known.reason === undefined ? {} : { reason: known.reason }),
    details: { method, url: redactUrl(url) },
    cause,
  });
}

/** The error for a signal that was aborted: `canceled`, or `deadline_exceeded` for one of AbortSignal.timeout. */
export function canceled(message: string, signal: AbortSignal): LadingError {
  const reason: unknown = signal.reason;
  const late = reason instanceof Error && reason.name === 'TimeoutError';
  return new LadingError(late ? Code.DeadlineExceeded : Code.Canceled, message, { cause: reason });
}

function tlsFault(cause: unknown): { reason: string; text: string } | undefined {
  const code = codeOf(cause);
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    const ways = '--tls-verify=false, `insecure = true` in registries.conf, or the option tlsVerify: false';
    return { reason: code, text: `the server does not speak TLS; allow plain HTTP by ${ways}` };
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return { reason: code, text: "the server's certificate has expired; have it renewed" };
  }
  if (/^(?:CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/.test(code)) {
    return { reason: code, text: `the server's certificate is not trusted (${code}); add its authority` };
  }
  if (/^ERR_SSL_.*(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE|UNKNOWN_CA)$/.test(code)) {
    return { reason: code, text: 'the server refuses the TLS connection; it may want a client certificate' };
  }
  return undefined;
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

interface SpecError {
  readonly code: string;
  readonly message: string;
}

async function errorText(body: AsyncIterable<Uint8Array>): Promise<string> {
  try {
    return new TextDecoder().decode((await readUpTo(body, errorLimitBytes)).bytes);
  } catch {
    // The body says why; that it broke off must not hide the status, which says what.
    return '';
  }
}

/** A body that is HTML, another JSON or nothing has no errors of the spec's form. */
function specErrors(text: string): readonly SpecError[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return [];
  }
  const errors: unknown = isRecord(document) ? document.errors : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 10).flatMap((error: unknown) => {
    if (!isRecord(error) || typeof error.code !== 'string') return [];
    const message = typeof error.message === 'string' ? error.message : '';
    return [{ code: oneLine(error.code, 64), message: oneLine(message) }];
  });
}

/** Text from a server goes to terminals and logs: no control characters, no second line, no novel. */
export function oneLine(text: string, longest = 300): string {
  const clean = text
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}

function adviceFor(status: number): string {
  if (status === 401) return '; log in, or check the credentials';
  if (status === 429) return '; too many requests, try later';
  return '';
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

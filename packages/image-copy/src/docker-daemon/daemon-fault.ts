// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { Code, LadingError } from '@lading/errors';

const errorLimitBytes = 64 * 1024;

const tlsFaults =
  /^(?:EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_)/;

/** The error for a daemon that gave no answer. */
export function unreachable(daemonHost: string, error: unknown): LadingError {
  const known = LadingError.from(error, Code.Unavailable);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Their own messages are many lines of OpenSSL.
  if (tlsFaults.test(code)) {
    return new LadingError(
      Code.FailedPrecondition,
      `no TLS with the Docker daemon at ${daemonHost} (${code}): check ca.pem, cert.pem and key.pem in the folder of certificates (--cert-dir), or write http:// for one without TLS`,
      { reason: code, cause: error },
    );
  }
  return new LadingError(
    known.code === Code.NotFound ? Code.Unavailable : known.code,
    `the Docker daemon at ${daemonHost} does not answer (${known.message}); is it running?`,
    { ...(known.reason === undefined ? {} : { reason: known.reason }), cause: error },
  );
}

const codes: Readonly<Record<number, Code>> = {
  400: Code.InvalidArgument,
  401: Code.Unauthenticated,
  403: Code.PermissionDenied,
  404: Code.NotFound,
  409: Code.Aborted,
};

/** The error for an answer that is no success. */
export async function refusal(response: IncomingMessage, status: number, host: string): Promise<LadingError> {
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

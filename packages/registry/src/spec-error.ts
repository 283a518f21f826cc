// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** A code of the distribution-spec. */
export type SpecCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  /** Not of the spec: Docker's registry says it when something behind it does not answer. */
  | 'UNAVAILABLE';

/**
 * The spec's error codes with the status and the kind of failure that each stands for.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
 */
const kinds: Readonly<Record<SpecCode, readonly [status: number, code: Code]>> = {
  BLOB_UNKNOWN: [404, Code.NotFound],
  BLOB_UPLOAD_INVALID: [400, Code.InvalidArgument],
  BLOB_UPLOAD_UNKNOWN: [404, Code.NotFound],
  DIGEST_INVALID: [400, Code.InvalidArgument],
  MANIFEST_BLOB_UNKNOWN: [404, Code.NotFound],
  MANIFEST_INVALID: [400, Code.InvalidArgument],
  MANIFEST_UNKNOWN: [404, Code.NotFound],
  NAME_INVALID: [400, Code.InvalidArgument],
  NAME_UNKNOWN: [404, Code.NotFound],
  SIZE_INVALID: [400, Code.InvalidArgument],
  UNAUTHORIZED: [401, Code.Unauthenticated],
  DENIED: [403, Code.PermissionDenied],
  UNSUPPORTED: [405, Code.Unimplemented],
  TOOMANYREQUESTS: [429, Code.ResourceExhausted],
  UNAVAILABLE: [502, Code.Unavailable],
};

/** An error that a client sees. `status` only where the spec has another one for this case. */
export function specError(reason: SpecCode, message: string, status: number = kinds[reason][0]): LadingError {
  return new LadingError(kinds[reason][1], message, { reason, details: { status } });
}

export function digestMismatch(): LadingError {
  return specError('DIGEST_INVALID', 'the uploaded bytes have another digest');
}

export function sizeMismatch(): LadingError {
  return specError('SIZE_INVALID', 'the body is not as long as its Content-Range says');
}

/** RFC 9110's answer to a condition that does not hold, for which the spec has no code of its own. */
export function conditionFailed(): LadingError {
  return specError('DENIED', 'the manifest is not what the condition of the request says', 412);
}

/** True for an error with this code of the spec. */
export function hasReason(error: unknown, reason: SpecCode): boolean {
  return error instanceof LadingError && (error as LadingError).reason === reason;
}

/** Status and body for whatever a route threw; what is no specError says nothing about the server's inside. */
export function answerOf(error: unknown): { status: number; body: string } {
  const known = error instanceof LadingError ? (error as LadingError) : undefined;
  const reason = known?.reason ?? '';
  if (known === undefined || !Object.hasOwn(kinds, reason)) {
    return { status: 500, body: errorBody('UNKNOWN', 'the registry failed; its log says why') };
  }
  const status: unknown = known.details?.status;
  return { status: typeof status === 'number' ? status : 400, body: errorBody(reason, known.message) };
}

function errorBody(code: string, message: string): string {
  return `${JSON.stringify({ errors: [{ code, message }] })}\n`;
}

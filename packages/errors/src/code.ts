// SPDX-License-Identifier: Apache-2.0

/**
 * What kind of failure it is: the sixteen names of the gRPC status codes.
 * Each line says what a caller can do about it.
 *
 * @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
export const Code = {
  /** The caller ended it, mostly through an AbortSignal. Nothing to do. */
  Canceled: 'canceled',
  /** Nothing better is known. Report it. */
  Unknown: 'unknown',
  /** The input is wrong whatever the state of the system. Change the input. */
  InvalidArgument: 'invalid_argument',
  /** Time ran out; the operation may still have happened. Look, then retry. */
  DeadlineExceeded: 'deadline_exceeded',
  /** The thing named does not exist. Check the name. */
  NotFound: 'not_found',
  /** The thing to be made exists. Choose another name, or use what is there. */
  AlreadyExists: 'already_exists',
  /** The caller is known and may not do this. Ask for the right. */
  PermissionDenied: 'permission_denied',
  /** Something is used up: disk, quota, rate limit. Wait or make room. */
  ResourceExhausted: 'resource_exhausted',
  /** The system's state does not allow it. Change the state first, then retry. */
  FailedPrecondition: 'failed_precondition',
  /** Another writer was in the way. Retry from the start of the sequence. */
  Aborted: 'aborted',
  /** Past the end of what is valid. Stop reading there. */
  OutOfRange: 'out_of_range',
  /** Not supported here. Use another way. */
  Unimplemented: 'unimplemented',
  /** A rule that must always hold was broken. Report it. */
  Internal: 'internal',
  /** The other side cannot be reached now. Retry with a pause. */
  Unavailable: 'unavailable',
  /** Bytes are lost or are not what their digest says. Fetch them anew. */
  DataLoss: 'data_loss',
  /** Credentials are missing or wrong. Log in. */
  Unauthenticated: 'unauthenticated',
} as const;

export type Code = (typeof Code)[keyof typeof Code];

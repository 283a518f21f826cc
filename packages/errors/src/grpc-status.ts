// SPDX-License-Identifier: Apache-2.0
import { Code } from './code.ts';

/** Index = gRPC status number; 0 is OK and stands for no error. */
const byStatus: readonly (Code | undefined)[] = [
  undefined,
  Code.Canceled,
  Code.Unknown,
  Code.InvalidArgument,
  Code.DeadlineExceeded,
  Code.NotFound,
  Code.AlreadyExists,
  Code.PermissionDenied,
  Code.ResourceExhausted,
  Code.FailedPrecondition,
  Code.Aborted,
  Code.OutOfRange,
  Code.Unimplemented,
  Code.Internal,
  Code.Unavailable,
  Code.DataLoss,
  Code.Unauthenticated,
];

/** The gRPC status number (1-16) of a code. */
export function grpcStatusOf(code: Code): number {
  return byStatus.indexOf(code);
}

/** The code of a gRPC status number; `unknown` for OK and for numbers that gRPC does not define. */
export function codeOfGrpcStatus(status: number): Code {
  return byStatus[status] ?? Code.Unknown;
}

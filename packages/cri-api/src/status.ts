// SPDX-License-Identifier: Apache-2.0
import { Metadata, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { Code, codeOfGrpcStatus, grpcStatusOf, LadingError } from '@lading/errors';

const reasonKey = 'lading-reason';

/** What goes over the wire for an error: its code, its message, its reason; never a stack. */
export function statusOf(error: unknown): Pick<StatusObject, 'code' | 'details' | 'metadata'> {
  const known = LadingError.from(error, Code.Internal);
  const metadata = new Metadata();
  // Header values are printable ASCII; a reason is an upper-case word, and anything else is not worth a failure.
  if (known.reason !== undefined && /^[\x21-\x7e]+$/.test(known.reason))
    metadata.set(reasonKey, known.reason);
  return { code: grpcStatusOf(known.code), details: known.message, metadata };
}

/** The error that a client throws for a status. */
export function errorOfStatus(error: ServiceError, path: string): LadingError {
  const reason = error.metadata?.get(reasonKey)[0];
  return new LadingError(codeOfGrpcStatus(error.code), error.details || error.message, {
    ...(typeof reason === 'string' ? { reason } : {}),
    details: { method: path },
    cause: error,
  });
}

// SPDX-License-Identifier: Apache-2.0
import { Metadata, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { Code, codeOfGrpcStatus, grpcStatusOf, LadingError } from '@lading/errors';

const reasonKey = 'lading-reason';

/** A status travels in a header, and peers refuse long ones. */
const maxMessageLength = 4096;

/** What goes over the wire for an error: its code, its message, its reason; never a stack. */
export function statusOf(error: unknown): Pick<StatusObject, 'code' | 'details' | 'metadata'> {
  const known = faultOf(error);
  const metadata = new Metadata();
  // Header values are printable ASCII; a reason is an upper-case word, and anything else is not worth a failure.
  if (known.reason !== undefined && /^[\x21-\x7e]+$/.test(known.reason))
    metadata.set(reasonKey, known.reason);
  return { code: grpcStatusOf(known.code), details: known.message.slice(0, maxMessageLength), metadata };
}

/**
 * Only a LadingError, an abort or a passed deadline keeps its code. The ENOENT of some file must not become a
 * NOT_FOUND, which a kubelet would take to mean that the pod is gone.
 */
function faultOf(error: unknown): LadingError {
  const known = LadingError.from(error, Code.Internal);
  if (known === error || known.reason === undefined) return known;
  return new LadingError(Code.Internal, known.message, { cause: error });
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

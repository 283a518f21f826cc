// SPDX-License-Identifier: Apache-2.0

// For everyone.
export { Code } from './code.ts';
// For authors of servers and clients that carry errors over gRPC.
export { codeOfGrpcStatus, grpcStatusOf } from './grpc-status.ts';
export type { LadingErrorOptions } from './lading-error.ts';
export { hasCode, LadingError } from './lading-error.ts';

// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { Attachment, AttachStreams, Sink, TerminalSize } from './attach-types.ts';
export type { ExitStatus, WaitExitOptions } from './exit-types.ts';
// For authors of drivers for other runtimes.
export { findProgram } from './find-program.ts';
export { createRuncRuntime } from './runtime.ts';
export type { RuntimeCall } from './runtime-error.ts';
export { runtimeError } from './runtime-error.ts';
export type {
  CheckpointRequest,
  Created,
  CreateRequest,
  ExecRequest,
  ExecResult,
  ExecSyncRequest,
  ExecSyncResult,
  LogDriver,
  RuncRuntime,
  RuncRuntimeOptions,
} from './types.ts';
